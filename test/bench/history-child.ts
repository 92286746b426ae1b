/**
 * The tables of the history bench, in a process of their own: prints its endpoints and serves until it is ended.
 */
import { startEmbedded } from "../../local/aws/embedded.ts";

const [folder = "", prefix = ""] = process.argv.slice(2);
const names = { prefix, bucketPlace: "local", engines: [] };
const embedded = await startEmbedded({ ...names, folder, dynamodbPort: 0, sqsPort: 0 });
process.stdout.write(`${JSON.stringify(embedded.endpoints)}\n`);
process.once("SIGTERM", () => void embedded.stop().then(() => process.exit(0)));
