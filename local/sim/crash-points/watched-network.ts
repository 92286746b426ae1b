/**
 * Station: the virtual network -> the same, with each message, request and delivery numbered as an effect.
 *
 * What a process that has ended still tries goes nowhere: its host has closed its sockets, or is gone. It
 * delays and loses nothing by itself.
 */
import type {
  HttpListener,
  HttpRequest,
  HttpSide,
  OpenHttp,
} from "../../../hotpath/io/http-side.ts";
import type { Dial, TransportHandlers, Wire } from "../../../hotpath/io/web-socket.ts";
import type { Process } from "../kernel/kernel.ts";
import { Network, type NetworkParts } from "../network/network.ts";
import { type EffectKind, type Effects, ProcessEnded } from "./effects.ts";

/** A dial of a process that is no more. */
const NO_WIRE: Wire = { isOpen: false, send: () => undefined, close: () => undefined };

export class WatchedNetwork extends Network {
  readonly #effects: Effects;
  /** Sees every text that is about to leave. */
  readonly #onText: (text: string) => void;

  constructor(parts: NetworkParts, effects: Effects, onText: (text: string) => void) {
    super(parts);
    this.#effects = effects;
    this.#onText = onText;
  }

  override dialOf(client: Process): Dial {
    const dial = super.dialOf(client);
    return (url, timeoutMs, handlers) => {
      if (!client.isAlive) return NO_WIRE;
      this.#leave("dial", url);
      const wire = dial(url, timeoutMs, this.#watched(client, handlers));
      return {
        get isOpen() {
          return client.isAlive && wire.isOpen;
        },
        send: (text) => {
          if (!client.isAlive) return;
          this.#leave("message", text);
          wire.send(text);
        },
        close: (reason) => {
          if (client.isAlive) wire.close(reason);
        },
      };
    };
  }

  override openHttpOf(client: Process): OpenHttp {
    const openHttp = super.openHttpOf(client);
    return (origin, options) => {
      const side = openHttp(origin, options);
      return this.#watchedSide(client, side);
    };
  }

  #watchedSide(client: Process, side: HttpSide): HttpSide {
    return {
      request: (request, timeoutMs, listener) => {
        if (!client.isAlive) return;
        this.#leave("request", textOf(request));
        side.request(request, timeoutMs, this.#watchedListener(client, listener));
      },
      close: () => side.close(),
    };
  }

  #watched(client: Process, handlers: TransportHandlers): TransportHandlers {
    return {
      onOpen: () => {
        if (this.#arrives(client)) handlers.onOpen();
      },
      onFrame: (frame, stamp) => {
        if (this.#arrives(client)) handlers.onFrame(frame, stamp);
      },
      onEnd: (reason, wasOpen) => {
        // An end that the process itself has made is nothing that comes from outside.
        if (client.isAlive) handlers.onEnd(reason, wasOpen);
      },
      onWriteFailure: (reason) => {
        if (client.isAlive) handlers.onWriteFailure(reason);
      },
    };
  }

  #watchedListener(client: Process, listener: HttpListener): HttpListener {
    return {
      onAnswer: (answer) => {
        if (this.#arrives(client)) listener.onAnswer(answer);
      },
      onFailed: (failure) => {
        if (this.#arrives(client)) listener.onFailed(failure);
      },
    };
  }

  #arrives(client: Process): boolean {
    return client.isAlive && this.#effects.begin("delivery");
  }

  #leave(kind: EffectKind, text: string): void {
    if (!this.#effects.begin(kind)) throw new ProcessEnded();
    this.#onText(text);
  }
}

function textOf({ path, body }: HttpRequest): string {
  return `${path} ${body}`;
}
