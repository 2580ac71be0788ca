"""Makes the golden files of TokenizerGoldenTest with Hugging Face tokenizers 0.23.

Run in this folder: python golden.py [OURS]; OURS is a tokenizer.json written by BpeTrainer, whose ids
are then printed by Hugging Face (tokenizer-ours.json and ids-ours.json).
python golden.py written: looks whether Hugging Face tokenizes alike by what is written here
(written-*.json, made by TokenizerGoldenTest with -Dmillrace.written=DIR) and by what was read.
"""
import json
import sys

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

PROBES = [
    "public static <T> List<T> of(T... elements) {\n    return new ArrayList<>();\n\t}\r\n",
    "Don't we'll I'M  three   spaces and 1234567 digits, 3.14!",
    "nbsp\u00a0here ideographic\u3000space line\u2028separator",
    "cafe\u0301 na\u00efve \u0928\u092e\u0938\u094d\u0924\u0947",
    "emoji \U0001f600\U0001f469\u200d\U0001f4bb end",
    "\u4e2d\u6587\u5b57\u7b26 \u3072\u3089\u304c\u306a \ud55c\uad6d\uc5b4",
    "/** @param x the <em>value</em> */ int[] a = {0x1F, 1_000};",
    " leading and trailing ",
    "a<|endoftext|>b",
    "",
    # One piece of more than 48 bytes.
    "thequickbrownfoxjumpsoverthelazydog" * 4 + "andreturnsnothing" * 3,
]
CORPUS = PROBES[:-3] * 3 + ["the quick brown fox jumps over the lazy dog " * 20, "return new Object();\n" * 20]
V3 = [
    r"\p{N}{1,3}",
    r"[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+",
    r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"
    r"| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
]


WRITTEN = ["prefix", "literal"]


def save(tokenizer, name, old=False, probes=PROBES):
    tokenizer.save(f"tokenizer-{name}.json", pretty=False)
    if old:
        # As files of old versions have them: a pair is a text. The last merge repeats an earlier one, whose rank it takes.
        with open(f"tokenizer-{name}.json", encoding="utf-8") as file:
            whole = json.load(file)
        merges = [" ".join(pair) for pair in whole["model"]["merges"]]
        whole["model"]["merges"] = merges + [merges[4]]
        with open(f"tokenizer-{name}.json", "w", encoding="utf-8") as out:
            json.dump(whole, out, ensure_ascii=False, separators=(",", ":"))
        tokenizer = Tokenizer.from_file(f"tokenizer-{name}.json")
    ids = [{"text": p, "ids": tokenizer.encode(p, add_special_tokens=False).ids} for p in probes]
    with open(f"ids-{name}.json", "w", encoding="utf-8") as out:
        json.dump(ids, out)


def train(pre_tokenizer, name, normalizer=None, added=(), old=False, probes=PROBES):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=420, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=["<|endoftext|>"], show_progress=False)
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.add_tokens(list(added))
    save(tokenizer, name, old, probes)


if sys.argv[1:] == ["written"]:
    for name in WRITTEN:
        read, written = (Tokenizer.from_file(f"{kind}-{name}.json") for kind in ("tokenizer", "written"))
        with open(f"ids-{name}.json", encoding="utf-8") as file:
            for probe in json.load(file):
                for specials in (False, True):
                    ids = [t.encode(probe["text"], add_special_tokens=specials).ids for t in (read, written)]
                    assert ids[0] == ids[1], (name, probe["text"], ids)
    sys.exit()

train(pre_tokenizers.ByteLevel(add_prefix_space=False), "gpt2")
train(
    pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(p), "isolated") for p in V3]
        + [pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]),
    "v3")
train(pre_tokenizers.ByteLevel(add_prefix_space=True), "prefix")
train(
    pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.Split(" ", "removed"),
         pre_tokenizers.Split(".", "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False)]),
    "literal", normalizers.NFC(), old=True,
    added=[AddedToken("caf\u00e9", normalized=True), AddedToken("caf", normalized=False),
           AddedToken("brownfox", normalized=False)],
    probes=PROBES + ["un caf\u00e9 noir, un cafe\u0301 noir", "a.b.c 12", "cafes are no caf\u00e9s"])
if len(sys.argv) > 1:
    save(Tokenizer.from_file(sys.argv[1]), "ours")
