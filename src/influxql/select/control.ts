// What evaluation asks of whoever runs it.

export interface Control {
  /** Called every few milliseconds of work: throws if it is to stop. */
  checkpoint(): void;
  /** So many points more are held in memory, or fewer if negative. Throws if that is too much. */
  hold(points: number): void;
}
