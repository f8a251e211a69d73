export { loadSaeLens, type SaeLensOptions, saveSaeLens } from './saeLens';
