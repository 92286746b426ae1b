/**
 * Station: stretches that are handed in -> their reports. One thread of `run-campaign.ts`.
 */
import { parentPort } from "node:worker_threads";
import { type Piece, playPiece } from "./pieces.ts";

const port = parentPort;
port?.on("message", (piece: Piece | "end") => {
  if (piece === "end") port.close();
  else void playPiece(piece).then((report) => port.postMessage(report));
});
