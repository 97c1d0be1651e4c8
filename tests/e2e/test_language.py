"""What a person reads from the command is in the language that was asked for, whole: --help of every verb, wrong usage,
what the world answers, results. Judged by rule, so that the next verb cannot forget one.

Chinese: there is Chinese in every text, and of English at most names: no three words of it in a row.
English: no Chinese at all. Only the first two lines of `clearway help` are in both."""
import os
import re
import unittest

import harness
from harness import Room, RoomTest, messages

CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
WORDS = re.compile(r"(?:\b[A-Za-z]+\b[,;]? ){2,}\b[A-Za-z]+\b")              # columns have more blanks between them


def verbs(room):
    """As `clearway help` lists them: a new one is here by itself."""
    text = room.clearway("--lang", "en", "help", code=0).stdout
    return re.findall(r"^  ([a-z]+) {2,}\S", text, re.MULTILINE)


def without_names(line):
    """Without what needs no language: commands to type, options, paths, what is quoted, and names in capitals."""
    line = re.sub(r"^  clearway .*?(?=#|$)", "", line)                   # an example, up to its comment
    line = re.sub(r"^(用法：)?clearway [a-z]+( \[.*?\] .*)?", "", line)    # who speaks, and the line of usage
    line = re.sub(r"'[^']*'|\"[^\"]*\"|（[ -~]*）|\([ -~]*\)", "", line)     # a library's own words stand in brackets
    return re.sub(r"--[a-z-]+|\S*[/.=_:]\S*|\b[A-Z][A-Z0-9|_-]*\b", "", line)


def told_by(done):
    """What a person reads on standard error: the log, which begins when serve does, is for machines."""
    return "".join(line for line in done.stderr.splitlines(True) if not line.startswith(("{", "<")))


class Language(RoomTest):
    def judge(self, text, language, what):
        self.assertTrue(text.strip(), f"{what}: nothing is said")
        if language == "en":
            self.assertNotRegex(text, CHINESE, what)
            return
        self.assertRegex(text, CHINESE, what)
        for line in text.splitlines():
            self.assertNotRegex(without_names(line), WORDS, f"{what}: {line}")

    def here(self, *arguments, **options):
        return self.room.clearway("--config", self.room.world.config, *arguments, **options)

    def judge_both(self, arguments, code, here=False, **options):
        """The same invocation in both languages, asked for before the verb and by the environment."""
        run = self.here if here else self.room.clearway
        for language in ("zh", "en"):
            done = run("--lang", language, *arguments, code=code, **options)
            with self.subTest(language=language, arguments=arguments):
                said = done.stdout if code == 0 else told_by(done)
                self.judge(said, language, " ".join(arguments))
                asked = run(*arguments, code=code, **{**options, "env": {**options.get("env", {}), "CLEARWAY_LANG": language}})
                for one, other in ((asked.stdout, done.stdout), (told_by(asked), told_by(done))):
                    self.assertEqual(re.sub(r"\d+", "", one), re.sub(r"\d+", "", other))      # the journal goes on meanwhile

    def test_help(self):
        for language in ("zh", "en"):
            first, second, *rest = self.room.clearway("--lang", language, "help", code=0).stdout.splitlines()
            self.assertRegex(first + second, CHINESE)
            self.judge("\n".join(line for line in rest), language, "help")
            self.assertEqual(self.room.clearway("help", "--lang", language, code=0).stdout.splitlines()[2:], rest)

    def test_help_of_every_verb(self):
        listed = verbs(self.room)
        self.assertGreaterEqual(len(listed), 12)
        for verb in listed:
            if verb == "version":
                continue
            self.judge_both((verb, "--help"), 0)
            chinese = self.room.clearway("--lang", "zh", verb, "--help", code=0).stdout.splitlines()
            self.assertEqual([line for line in chinese if line.endswith(" ")], [])
            options = chinese[chinese.index("选项：") + 1:]
            for line in options + chinese[:1]:
                self.assertRegex(line, CHINESE, f"{verb} --help")

    # Case 220, with all that follows; case 221: a value of --color that is none.
    def test_wrong_usage_of_every_verb(self):
        for verb in verbs(self.room):
            if verb == "version":
                continue
            for wrong in (["--no-such-option"], ["--jsn"], ["-x"], ["--config"], ["--json=1"], ["--color", "sometimes"]):
                self.judge_both((verb, *wrong), 2)
        self.assertIn("--lang takes zh or en", self.room.clearway("queue", "--lang", "fr", code=2).stderr)     # case 221
        for wrong in (["no-such-verb"], ["valdiate"], ["--schemas", "x", "validate"], ["help", "valdiate"]):
            self.judge_both(wrong, 2)

    def test_wrong_arguments(self):
        for wrong in (["validate"], ["validate", "--as-of", "2026-02-30", "x"], ["validate", "--format", "no-such", "x"],
                      ["submit"], ["submit", "x"], ["submit", "--wait", "0", "x"], ["track"], ["track", "--as", "NOBODY", "x"],
                      ["report", "--month", "2026-13"], ["rules", "D01"], ["replay"], ["queue", "--state", "lost"],
                      ["queue", "redrive", "42"], ["queue", "release", "x"], ["queue", "release", "1"], ["queue", "nothing"],
                      ["queue", "link", "x", "1"], ["queue", "link", "1", "x"], ["queue", "link", "1", "2"],
                      ["clock", "mend"], ["clock", "accept"],
                      ["journal"], ["journal", "cat", "--from", "x"], ["journal", "cat", "--kind", "decisions"],
                      ["journal", "cat", "--kind", "bogus"], ["config"], ["config", "mend"], ["keygen", "x"], ["serve", "x"]):
            self.judge_both(wrong, 2, here=True)

    def test_what_the_world_answers(self):
        path = self.room.path("message.xml")
        with open(path, "wb") as file:
            file.write(messages.declaration(self.goods()))
        for arguments, code in ((["validate", self.room.path("not-there.xml")], 3), (["track", "COSU6999999999"], 3),
                                (["explain", "NOSUCH"], 3), (["journal", "cat", "--from", "99999999"], 3),
                                (["journal", "cat", "--data-of", "99999999"], 3), (["queue", "release", "9", "--reason", "x"], 1),
                                (["queue", "redrive", "9/NOBODY"], 3), (["clock", "accept", "--reason", "x"], 1),
                                (["replay", "--rebuild"], 69), (["serve"], 69),
                                (["validate", "--schema", path, path], 78), (["keygen", "--out", "/nowhere/at/all"], 74),
                                (["validate", "--config", self.room.path("no.yaml"), path], 3),
                                (["validate", "--config", self.room.directory, path], 2),
                                (["report", "--month", "2001-01"], 3)):
            self.judge_both(arguments, code, here=True)
        unreached = {"CLEARWAY_SERVER": f"https://localhost:{harness.world.free_port()}"}
        self.judge_both(["submit", path], 69, party="FWD-QD-01", env=unreached)
        self.judge_both(["submit", path], 78, party="FWD-QD-01", env={"CLEARWAY_SERVER": "http://localhost"})
        self.judge_both(["report", "--month", "2026-10"], 77, party="FWD-QD-01")
        self.judge_both(["track", "COSU6999999999"], 3, party="FWD-QD-01")

    def test_results(self):
        goods = self.goods()
        self.accept("FWD-QD-01", messages.declaration(goods))
        for arguments in (["config", "show", "--origin"], ["config", "lint"], ["queue", "--to", "NOBODY"],
                          ["journal", "verify"], ["keygen"], ["rules"], ["explain"], ["explain", "XSD-PATTERN", "BUSY"], ["clock"], ["track", goods.bill],
                          ["validate", self.room.path("declaration.xml")]):
            if arguments[0] == "validate":
                with open(arguments[1], "wb") as file:
                    file.write(messages.declaration(goods))
            for language in ("zh", "en"):
                done = self.here("--lang", language, *arguments, code=0)
                with self.subTest(language=language, arguments=arguments):
                    self.judge(done.stdout, language, " ".join(arguments))

    def test_problems_of_http(self):
        """Accept-Language chooses the sentence; without one it is English, and no code changes."""
        told = {}
        for asked in (None, "zh-CN,zh;q=0.9,en;q=0.8", "en-GB, zh;q=0.5", "de, zh", "fr"):
            headers = {"Accept-Language": asked} if asked else {}
            problem = self.room.people().get("/no-such-thing", **headers).json
            self.assertEqual((problem["status"], problem["title"], problem["code"]), (404, "Not Found", "not-found"))
            told[asked] = problem["detail"]
        self.assertRegex(told["zh-CN,zh;q=0.9,en;q=0.8"], CHINESE)
        self.assertEqual(told["de, zh"], told["zh-CN,zh;q=0.9,en;q=0.8"])
        self.assertNotRegex(told[None], CHINESE)
        self.assertEqual({told["en-GB, zh;q=0.5"], told["fr"]}, {told[None]})


class Start(unittest.TestCase):
    def test_what_keeps_serve_from_starting(self):
        """The address in use, a folder that cannot be written, a file that is not there, a wrong value: before the log exists."""
        with Room() as room, Room() as other:
            other.start()
            taken = f"127.0.0.1:{other.ready['people']}"
            judge = Language("test_help").judge
            for setting, value, code in (("people.listen", taken, 69), ("people.listen", "127.0.0.1:99999", 78),
                                         ("machines.key", "no.key", 78), ("gateway.workers", "many", 78),
                                         ("gateway.data", "/proc/data", 3), ("gateway.schemas", "nowhere", 78)):
                before = dict(room.world.settings)
                room.world.settings[setting] = value
                room.world.write_config()
                for language in ("zh", "en"):
                    said = told_by(room.clearway("--lang", language, "serve", "--config", room.world.config, code=code))
                    with self.subTest(language=language, setting=setting, value=value):
                        judge(said, language, setting)
                room.world.settings.clear()
                room.world.settings.update(before)


if __name__ == "__main__":
    unittest.main()
