/** The switch between the people one can be. */

import { avatar, make } from "./element.js";

/** A radio group of `people`; onChoose(person id) is called when another one is chosen. */
export function peopleSwitch(people, chosen, words, onChoose) {
  const options = people.map((person) => {
    const input = make("input.hidden-text", {
      type: "radio",
      name: "person",
      value: person.id,
      "data-person-id": person.id,
      checked: person.id === chosen.id,
      onchange: () => onChoose(person.id),
    });
    const role = person.is_admin && make("span.role", {}, words.admin);
    return make(
      "label.person",
      { title: `@${person.username}` },
      input,
      avatar(person.id, person.first_name),
      make("span.person-name", {}, person.first_name),
      role,
    );
  });
  return make(
    "fieldset.people",
    { "data-part": "people" },
    make("legend.hidden-text", {}, words.people),
    options,
  );
}
