// Reads drawings as Mermaid does: a JSON list of texts comes in, and what it made of each goes out.
import { JSDOM } from "jsdom";

const { window } = new JSDOM("");
globalThis.window = window; // Mermaid cleans its labels with a browser's document
globalThis.document = window.document;

const { default: mermaid } = await import("mermaid");
await mermaid.parse("stateDiagram-v2\n[*] --> ready"); // makes it load its kinds of diagrams
let input = "";
for await (const piece of process.stdin) input += piece;

const read = [];
for (const text of JSON.parse(input)) {
  try {
    const { db, type } = await mermaid.mermaidAPI.getDiagramFromText(text);
    read.push({
      type,
      states: [...db.getStates().values()].map(({ id, description, descriptions }) => ({ id, description, descriptions })),
      arrows: db.getRelations().map(({ id1, id2, relationTitle }) => ({ source: id1, target: id2, title: relationTitle })),
      direction: db.getDirection(),
    });
  } catch (error) {
    read.push({ error: String(error) });
  }
}
process.stdout.write(JSON.stringify(read));
