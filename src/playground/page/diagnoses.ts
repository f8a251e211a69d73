import { cureOf } from '../cures';
import type { News } from '../messages';
import type { Settings } from '../settings';

type Diagnoses = Extract<News, { kind: 'rested' }>['diagnoses'];

/**
 * Shows the findings of `diagnose` in its own words, each with a button for its cure.
 *
 * @param onCure called with the cured settings when a button is pressed
 */
export function showDiagnoses(
  place: HTMLElement,
  diagnoses: Diagnoses,
  settings: Settings,
  onCure: (cured: Settings) => void,
): void {
  const boxes = diagnoses.map((diagnosis) => {
    const box = document.createElement('article');
    box.className = 'diagnosis';
    box.append(
      holding('h3', diagnosis.name),
      holding('p', `${diagnosis.finding}.`),
      holding('p', diagnosis.cure),
    );
    const cure = cureOf(diagnosis, settings);
    if (cure) {
      const button = holding('button', `Try it: ${cure.words}`);
      button.type = 'button';
      button.addEventListener('click', () => onCure(cure.settings));
      box.append(button);
    }
    return box;
  });
  const fine = holding('p', 'It finds nothing wrong. That is no proof that all is well.');
  place.replaceChildren(...(boxes.length > 0 ? boxes : [fine]));
}

/** A new element with a text. */
function holding<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  text: string,
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  element.textContent = text;
  return element;
}
