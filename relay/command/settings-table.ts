import { envName, flagName } from '../config/setting-sources.ts';
import { SETTING_NAMES, describeSetting, isSecret, mayBeFile } from '../config/settings.ts';
import { printJson, type ExitCode, type Terminal } from './terminal.ts';

/** Lists every setting: its name, its other names, its default and what it means. */
export function listSettings(json: boolean, terminal: Terminal): ExitCode {
  const settings = SETTING_NAMES.map((name) => ({
    name,
    flag: `--${flagName(name)}`,
    variable: envName(name),
    ...describeSetting(name),
    secret: isSecret(name),
    file: mayBeFile(name),
  }));
  if (json) {
    printJson(terminal, settings);
    return 0;
  }
  for (const { name, flag, variable, doc, fallback, file } of settings) {
    const variables = file ? `${variable} or ${variable}_FILE` : variable;
    terminal.out(`${name}  (${flag}, ${variables}; default ${fallback})\n    ${doc}\n`);
  }
  return 0;
}
