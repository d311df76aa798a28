// Fills one Word template again and again: node fill.cjs ENGINE TEMPLATE DATA.json ROUNDS OUT.docx
// Prints {"cpu_ms": CPU time a document} and leaves one filled document in OUT.docx.

const fs = require('fs');

const [engine, template, dataFile, rounds, out] = process.argv.slice(2);
const content = fs.readFileSync(template);
const data = JSON.parse(fs.readFileSync(dataFile, 'utf8'));

const engines = {
  docxtemplater() {
    const Docxtemplater = require('docxtemplater');
    const PizZip = require('pizzip');
    return async () => {
      const document = new Docxtemplater(new PizZip(content), { paragraphLoop: true, linebreaks: true });
      document.render(data);
      return document.getZip().generate({ type: 'nodebuffer', compression: 'DEFLATE' });
    };
  },
  'easy-template-x'() {
    const { TemplateHandler } = require('easy-template-x');
    const handler = new TemplateHandler();
    return () => handler.process(content, data);
  },
  carbone() {
    const carbone = require('carbone');
    return () =>
      new Promise((resolve, reject) =>
        carbone.render(template, data, (error, result) => (error ? reject(error) : resolve(result))),
      );
  },
};

async function main() {
  const fill = engines[engine]();
  for (let i = 0; i < 20; i++) fs.writeFileSync(out, await fill()); // warm: compiled by the engine's own just-in-time
  const before = process.cpuUsage();
  for (let i = 0; i < Number(rounds); i++) await fill();
  const used = process.cpuUsage(before);
  console.log(JSON.stringify({ cpu_ms: (used.user + used.system) / 1000 / Number(rounds) }));
  process.exit(0);
}

main().catch((error) => {
  console.error(String(error).split('\n')[0]);
  process.exit(1);
});
