// Carbone CE fills and converts: node carbone.cjs CONVERTERS TEMPLATE...
// Says "ready" when warm; then reads a number from standard input, makes so many PDFs, and says "done SECONDS".

const carbone = require('carbone');
const readline = require('readline');

const converters = Number(process.argv[2]);
const templates = process.argv.slice(3);

carbone.set({ factories: converters, startFactory: true, attempts: 2 });

function make(count) {
  return new Promise((resolve, reject) => {
    let started = 0;
    let finished = 0;
    const next = () => {
      if (started === count) return;
      const template = templates[started++ % templates.length];
      carbone.render(template, { d: {} }, { convertTo: 'pdf' }, (error, result) => {
        if (error) return reject(error);
        if (result.subarray(0, 5).toString() !== '%PDF-') return reject(new Error('no PDF came back'));
        finished += 1;
        if (finished === count) return resolve();
        next();
      });
    };
    for (let i = 0; i < converters; i++) next();
  });
}

async function main() {
  await make(2 * converters);
  console.log('ready');
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const start = process.hrtime.bigint();
    await make(Number(line));
    console.log(`done ${Number(process.hrtime.bigint() - start) / 1e9}`); // stays until it is ended
  }
}

main().catch((error) => {
  console.log(`failed ${String(error).split('\n')[0]}`);
  process.exit(1);
});
