// Who works on a thread when several queries are on it: one at a time, because evaluation uses scratch memory of
// its thread. Whoever waits for its reader lets others work meanwhile.

/** The turn of one thread, given in the order in which it is asked for. */
export class Turn {
  /** Called when nobody has the turn any more. */
  onFree: () => void = () => {};
  readonly #waiting: TurnPlace[] = [];
  #holder: TurnPlace | undefined;

  get isTaken(): boolean {
    return this.#holder !== undefined;
  }

  get isWanted(): boolean {
    return this.#waiting.length > 0;
  }

  /** For one query. */
  place(): TurnPlace {
    return new TurnPlace(this);
  }

  /** True if it is the place's now; else it will be, if it does not leave before. */
  enter(place: TurnPlace): boolean {
    if (this.#holder === undefined) this.#holder = place;
    if (this.#holder === place) return true;
    this.#waiting.push(place);
    return false;
  }

  leave(place: TurnPlace): void {
    if (this.#holder === place) {
      this.#holder = this.#waiting.shift();
      if (this.#holder === undefined) this.onFree();
      else this.#holder.entered();
      return;
    }
    const at = this.#waiting.indexOf(place);
    if (at >= 0) this.#waiting.splice(at, 1);
  }
}

export class TurnPlace {
  readonly #turn: Turn;
  #wake: (() => void) | undefined;

  constructor(turn: Turn) {
    this.#turn = turn;
  }

  /** Somebody waits for whoever has the turn. */
  get isWanted(): boolean {
    return this.#turn.isWanted;
  }

  /** Undefined if the turn can be had at once, as nearly always; else resolves with it, or after {@link give}. */
  take(): Promise<void> | undefined {
    if (this.#turn.enter(this)) return undefined;
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** Gives the turn back, or wants it no more. Idempotent. */
  give(): void {
    this.#turn.leave(this);
    this.entered();
  }

  /** For the turn alone. */
  entered(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
