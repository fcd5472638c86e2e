// What operators should know now: shown by /api/v1/notifications and pushed to who listens.

export interface Notification {
  readonly text: string;
  /** RFC 3339 */
  readonly date: string;
  /** False in the last message about it: it no longer holds. */
  readonly active: boolean;
}

/** As many as Prometheus lets listen by default. */
const MAX_SUBSCRIBERS = 16;

interface Subscriber {
  readonly notify: (notification: Notification) => void;
  readonly end: () => void;
}

export class Notifications {
  readonly #now: () => number;
  readonly #active = new Map<string, Notification>();
  readonly #subscribers = new Set<Subscriber>();
  #isClosed = false;

  /** `now` in ms. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Those that hold, oldest first. */
  list(): Notification[] {
    return [...this.#active.values()];
  }

  /** Tells everybody. Once more for the same text: with a new date. */
  add(text: string): void {
    const notification = { text, date: new Date(this.#now()).toISOString(), active: true };
    this.#active.set(text, notification);
    this.#publish(notification);
  }

  /** It no longer holds. */
  remove(text: string): void {
    const notification = this.#active.get(text);
    if (notification === undefined) return;
    this.#active.delete(text);
    this.#publish({ ...notification, active: false });
  }

  /**
   * Sends those that hold and all changes from now on; `end` is called when no more will come. Returns
   * the way to leave, or undefined if too many listen already.
   */
  subscribe(
    notify: (notification: Notification) => void,
    end: () => void,
  ): (() => void) | undefined {
    if (this.#isClosed || this.#subscribers.size >= MAX_SUBSCRIBERS) return undefined;
    const subscriber = { notify, end };
    this.#subscribers.add(subscriber);
    for (const notification of this.#active.values()) notify(notification);
    return () => this.#subscribers.delete(subscriber);
  }

  /** Lets all listeners go, so that their connections do not hold up a shutdown. */
  close(): void {
    this.#isClosed = true;
    for (const { end } of this.#subscribers) end();
    this.#subscribers.clear();
  }

  #publish(notification: Notification): void {
    for (const { notify } of this.#subscribers) notify(notification);
  }
}
