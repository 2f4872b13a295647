/** Which texts of a string have come: one of its own, or one in each of its runs. More would be joined, and 100 be 100100. */
export class RichText {
  private hasText = false;
  private hasRuns = false;

  begin(): void {
    this.hasText = false;
    this.hasRuns = false;
  }

  /** False when no run may follow. */
  takesRun(): boolean {
    const takes = this.hasRuns || !this.hasText;
    this.hasText = false;
    this.hasRuns = true;
    return takes;
  }

  /** False when no text may follow, in the string itself or in the run that it is at. */
  takesText(inRun: boolean): boolean {
    const takes = !this.hasText && (inRun || !this.hasRuns);
    this.hasText = true;
    return takes;
  }
}
