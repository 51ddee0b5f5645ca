// What a client tells the runner: one line a check, `ok` or `not ok`, and an exit code.

let failed = 0;

/** Runs one check. Whatever it throws is the reason for `not ok`; the checks after it run all the same. */
export async function check(sentence, body) {
  try {
    const result = await body();
    console.log(`ok ${sentence}`);
    return result;
  } catch (error) {
    failed += 1;
    console.log(`not ok ${sentence}: ${oneLine(error)}`);
    return undefined;
  }
}

/** Ends the program, with code 0 only when every check held. */
export function end() {
  process.exit(failed === 0 ? 0 : 1);
}

function oneLine(error) {
  return String(error?.message ?? error).replaceAll(/\s+/g, ' ').slice(0, 600);
}
