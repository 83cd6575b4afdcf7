// What the panel uses of UXP itself, by Adobe's UXP reference. Only the type checker reads this file.
interface UxpFile {
  readonly name: string;
  readonly nativePath: string;
  read(options?: object): Promise<string>;
  write(data: string, options?: object): Promise<number>;
  delete(): Promise<unknown>;
}
interface UxpFolder {
  getEntry(name: string): Promise<UxpFile>;
  createFile(name: string, options?: { overwrite?: boolean }): Promise<UxpFile>;
}
interface Uxp {
  storage: {
    localFileSystem: {
      getFileForOpening(options?: { types?: string[] }): Promise<UxpFile | null>;
      getTemporaryFolder(): Promise<UxpFolder>;
    };
  };
}
declare module "premierepro" {
  import type { premierepro } from "@adobe/premierepro";
  const host: premierepro;
  export = host;
}
declare module "uxp" {
  const uxp: Uxp;
  export = uxp;
}
// Premiere's addition to the document.
interface HostTheme {
  getCurrent(): string;
  onUpdated: { addListener(listener: (name: string) => void): void };
}
