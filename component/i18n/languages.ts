import type { Strings } from './strings.ts';
import { ar } from './ar.ts';
import { de } from './de.ts';
import { es } from './es.ts';
import { fr } from './fr.ts';
import { it } from './it.ts';
import { ja } from './ja.ts';
import { nl } from './nl.ts';
import { pl } from './pl.ts';
import { pt } from './pt.ts';
import { zh } from './zh.ts';

/**
 * The languages besides English, by tag: the build makes a script of each. The player itself never imports this, or
 * every page would load them all.
 */
export const LANGUAGES: Readonly<Record<string, Strings>> = { de, fr, es, it, pt, nl, pl, ja, zh, ar };
