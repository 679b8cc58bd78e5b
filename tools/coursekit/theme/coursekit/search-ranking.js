// Ranks the pages of the site for what a student types. MiniSearch finds single words; what belongs together –
// spellings, synonyms, and which sections make up a page – is decided here. No part of this touches the page.
(() => {
  "use strict";

  const BOOST = { label: 2, title: 8, tools: 6, about: 3, objectives: 3, heading: 3, text: 1 };
  const WEIGHT = { aside: 0.3, glossary: 0.2, "": 0.7 }; // not for students first; a word's meaning; what is no module
  const FURTHER = 0.2; // what each further section adds that speaks of the same

  const american = (word) => word.replace(/(..)iz(e|ing|ation)/, "$1is$2").replace(/(behavi|col|fav)or/, "$1our");

  /** What the forms of a word begin with: `polic` of `policies`, `debug` of `debugging`. */
  function stem(word) {
    const singular = word.length < 4 ? word : word.replace(/ies$/, "y").replace(/([^su])s$/, "$1");
    const root = singular.replace(/(is(ation|ing|e[dr]?)|ing|ed|er|e|y)$/, "");
    return root.length < 3 ? singular : root.replace(/([bdfgmnprt])\1$/, "$1");
  }

  /** The words of a text; `pre-commit`, `state_dict` and `model.eval` are one word each. */
  const compounds = (text) => text.toLowerCase().match(/[\p{L}\p{N}]+(?:[-_.][\p{L}\p{N}]+)*/gu) ?? [];
  const parts = (compound) => compound.split(/[-_.]/).map(american);

  /** What a text is found by: `pre-commit` by `precommit`, `pre` and `commit`. */
  function terms(text) {
    return compounds(text).flatMap((compound) => {
      const each = parts(compound);
      return each.length > 1 ? [each.join(""), ...each] : each;
    });
  }

  const forms = (word) => [...new Set([word, stem(word)])];

  /**
   * A function from what is typed to the pages found, best first; each with the section that fits best.
   *
   * data: what `search-index.js` holds.
   */
  function ranking(data, MiniSearch) {
    const vocabulary = data.words.split(" ").map(terms);
    const common = new Set(data.common.split(" "));
    const known = new Set();
    const cache = new Map();
    const synonyms = new Map();
    for (const group of data.synonyms) {
      const phrases = group.map((phrase) => compounds(phrase).flatMap(parts));
      for (const phrase of phrases) synonyms.set(phrase.join(" "), phrases);
    }
    const longest = Math.max(0, ...[...synonyms.keys()].map((phrase) => phrase.split(" ").length));

    const decoded = (steps) => {
      let place = 0;
      return steps ? steps.split(",").flatMap((step) => vocabulary[(place += parseInt(step, 36))]) : [];
    };
    const documents = data.pages.flatMap((page) => [
      { ...page, page, anchor: "", text: decoded(page.text) },
      ...page.sections.map(([anchor, heading, teaser, text]) => ({ page, anchor, heading, teaser, text: decoded(text) })),
    ]);
    documents.forEach((entry, id) => (entry.id = id));

    const tokenize = (text) => {
      const found = typeof text === "string" ? terms(text) : text; // the words of a section come ready
      for (const term of found) known.add(term);
      return found;
    };
    const index = new MiniSearch({ fields: Object.keys(BOOST), stringifyField: (value) => value, tokenize, processTerm: (term) => term });
    index.addAll(documents);

    /** How well each section fits one word: by itself, by its beginning, and only if that finds nothing, nearly. */
    function scores(word, exactly) {
      const key = `${word} ${exactly}`;
      if (!cache.has(key)) {
        const options = exactly
          ? { boost: BOOST, tokenize: (term) => [term] }
          : { boost: BOOST, tokenize: forms, prefix: (term) => term.length > 1 };
        let found = index.search(word, options);
        if (!found.length && !exactly) found = index.search(word, { ...options, fuzzy: word.length > 4 ? 0.25 : false });
        cache.set(key, new Map(found.map(({ id, score }) => [id, score])));
      }
      return cache.get(key);
    }

    /** How well each section fits a phrase of which it must hold every word. */
    function phraseScores(phrase, exactly) {
      const [first, ...rest] = phrase.map((word) => scores(word, exactly));
      const together = new Map();
      for (const [id, score] of first) {
        if (rest.every((each) => each.has(id))) {
          together.set(id, rest.reduce((sum, each) => sum + each.get(id), score));
        }
      }
      return together;
    }

    /** Two known words that are written as one: `dataset` for `data set`. */
    function split(word) {
      for (let at = 3; at <= word.length - 3; at++) {
        const halves = [word.slice(0, at), word.slice(at)];
        if (halves.every((half) => known.has(half))) return [halves];
      }
      return [];
    }

    /** What is typed, cut into units; each is a list of phrases that mean the same. */
    function units(words) {
      const found = [];
      for (let at = 0; at < words.length; ) {
        const { length, phrases, exactly } = unit(words, at);
        if (length > 1 || !common.has(words[at]) || words.length === 1) found.push({ phrases, exactly });
        at += length;
      }
      return found;
    }

    function unit(words, at) {
      for (let length = Math.min(longest, words.length - at); length > 0; length--) {
        const phrase = words.slice(at, at + length);
        const same = synonyms.get(phrase.join(" ")) ?? synonyms.get(phrase.map(stem).join(" "));
        if (same) return { length, phrases: [phrase, ...same], exactly: true };
      }
      const [word, next] = words.slice(at);
      if (next && known.has(word + next)) return { length: 2, phrases: [[word + next], [word, next]] };
      return { length: 1, phrases: known.has(word) ? [[word]] : [[word], ...split(word)] };
    }

    function unitScores({ phrases, exactly }) {
      const best = new Map();
      for (const phrase of phrases) {
        for (const [id, score] of phraseScores(phrase, exactly)) best.set(id, Math.max(score, best.get(id) ?? 0));
      }
      return best;
    }

    /** From 1, where a heading does not hold all that is asked for, to 2, where it holds nothing else. */
    function fit({ heading, title }, roots) {
      const words = compounds(heading ?? title).flatMap(parts).filter((word) => !common.has(word)).map(stem);
      return roots.every((root) => words.includes(root)) ? 1 + Math.min(1, roots.length / words.length) : 1;
    }

    return (text) => {
      const words = compounds(text).flatMap(parts);
      const roots = words.filter((word) => !common.has(word)).map(stem);
      const asked = units(words).map(unitScores);
      const pages = new Map();
      asked.forEach((unitFound, number) => {
        for (const [id, score] of unitFound) {
          const { page } = documents[id];
          if (!pages.has(page)) pages.set(page, { page, best: asked.map(() => 0), sections: new Map() });
          const { best, sections } = pages.get(page);
          best[number] = Math.max(best[number], score);
          const before = sections.get(id) ?? { score: 0, units: 0 };
          sections.set(id, { score: before.score + score, units: before.units + 1 });
        }
      });
      for (const { sections } of pages.values()) {
        for (const [id, { score, units }] of sections) {
          sections.set(id, score * fit(documents[id], roots) * (units / asked.length)); // better all words in one section
        }
      }
      const results = [...pages.values()].map(({ page, best, sections }) => {
        const [[id, highest], ...others] = [...sections].sort((one, two) => two[1] - one[1]);
        const share = best.filter(Boolean).length / best.length;
        const further = others.reduce((sum, [, value]) => sum + value, 0);
        const score = best.reduce((sum, each) => sum + each, highest + FURTHER * further);
        const near = others.filter(([, value]) => value > highest / 2).map(([other]) => documents[other]);
        return { page, score: score * share ** 2 * (WEIGHT[page.kind] ?? 1), section: documents[id], others: near.filter((other) => other.anchor) };
      });
      const named = ({ page }) => page.label?.toLowerCase() === words.join(" "); // `s3` is a session before it is a storage
      return results.sort((one, two) => named(two) - named(one) || two.score - one.score);
    };
  }

  window.coursekitRanking = { ranking, compounds, parts, forms };
})();
