/**
 * Station: what happens, piece by piece -> one number that two equal histories share. FNV-1a over 32 bits, twice.
 */
const PRIME = 0x01000193;

export class TraceHash {
  #one = 0x811c9dc5;
  #two = 0x01234567;

  number(value: number): void {
    this.#byte(value | 0);
    this.#byte(Math.floor(value / 4_294_967_296) | 0);
  }

  text(value: string): void {
    for (let i = 0; i < value.length; i++) this.#byte(value.charCodeAt(i));
  }

  #byte(value: number): void {
    this.#one = Math.imul(this.#one ^ value, PRIME);
    this.#two = Math.imul(this.#two + value, PRIME) ^ (this.#one >>> 15);
  }

  /** An event of a venue. */
  event(executionId: number, clientId: string): void {
    this.number(executionId);
    this.text(clientId);
  }

  get hex(): string {
    return [this.#one, this.#two]
      .map((half) => (half >>> 0).toString(16).padStart(8, "0"))
      .join("");
  }
}
