import { exec, execFile } from "node:child_process";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const runFile = promisify(execFile);
const FOLDER = process.env.LABEL_FOLDER ?? "/var/lib/acme/labels";

/** The PDF of a label in the wanted size, made when it is first asked for. */
export async function labelFor(id: string, size: string): Promise<string> {
  const file = join(FOLDER, `${Number(id)}-${size}.pdf`);
  try {
    await access(file);
  } catch {
    await print(id, size, file);
  }
  return file;
}

function print(id: string, size: string, file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    exec(`label-printer --order ${id} --size ${size} --out ${file}`, { timeout: 30_000 }, (error) => {
      if (error) {
        reject(error);
      } else {
        resolve();
      }
    });
  });
}

/** How many pages a label has. */
export async function pages(file: string): Promise<number> {
  const { stdout } = await runFile("pdfinfo", [file]);
  // RegExp.exec is another exec.
  return Number(/^Pages:\s+(\d+)$/m.exec(stdout)?.[1] ?? 0);
}
