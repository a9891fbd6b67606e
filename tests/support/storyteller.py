"""Tells a story to a whole system of real processes, by the tools that a person would use, and looks after each chapter
that the system says what follows from it (storybook.py): verdicts, breaches and the money of every month, öre for öre."""
import datetime
import fractions
import json
import pathlib
import re
import subprocess
import tempfile
import threading
import uuid

from expect import Failure, expect
from host import TIMEOUT_S, System
from storybook import LABEL, Book, Decided, due, ore

OPEN = ("PRELIMINARY", "PROPOSED", "IN_DIALOGUE")
CHANNELS = {"REGION_RUN": "INTERNAL", "INTRAPRENAD": "INTERNAL", "PRIVATE": "OFFSET"}
NAMES = uuid.UUID("0190163d-8694-739b-aea5-966c26f8ad91")  # of request ids: a fact that is told again is the same one


def called(name):
    """The request id of what the story calls by this name."""
    return str(uuid.uuid5(NAMES, name))


class Teller:
    """A story under way. Units are HSA-ids, periods calendar months, amounts kronor as people write them."""

    def __init__(self, build, units, lines):
        self.place = tempfile.TemporaryDirectory(prefix="niva-story-")
        self.folder = pathlib.Path(self.place.name)
        self.system = System(build, self.folder)
        self.book = Book(units)
        self.lines = lines  # of the sample region that are still to come
        self.labels = {}  # label -> (method, request with its id, principal); its reply instead, once it was asked for
        self.coming = set()  # labels of the file that is being written
        self.today = None
        self.told = 0
        self.checked = {"months": 0, "breaches": 0, "months decided more than once": 0}

    # ---- days and facts ----

    def day(self, day):
        """Tells what the sample region tells up to a day, and moves the business day there."""
        coming = [line for line in self.lines if line["recorded_at"][:10] <= day]
        self.lines = self.lines[len(coming):]
        self.coming = set()
        if coming:
            path = self.folder / f"{day}.ndjson"
            path.write_text("".join(json.dumps(self.line_take(line)) + "\n" for line in coming), encoding="utf-8")
            self.system.nivactl("apply", str(path))
        self.today = day
        self.system.nivactl("today", day)
        self.wait()

    def line_take(self, line):
        label = line.get("as", f"rad-{self.told}")
        request = json.loads(LABEL.sub(self.label_id, json.dumps(line["request"])))
        request["request_id"] = called(label)
        self.book.take(line["method"], line["request"], line["recorded_at"], label)
        self.labels[label] = (line["method"], request, line["principal"])
        self.coming.add(label)
        self.told += 1
        return dict(line, request=request)

    def label_id(self, match):
        """What a label stands for, by the answer to whoever asks the same again; nivactl knows those of its own file."""
        label, path = match.group(0)[1:].split(".", 1)
        if label in self.coming:
            return match.group(0)
        if isinstance(self.labels[label], tuple):
            self.labels[label] = self.system.call(*self.labels[label])
        found = self.labels[label]
        for name in path.split("."):
            found = found[name]
        return found

    def tell(self, label, method, request, principal):
        """A fact of the story's own, by a call."""
        self.coming = set()
        sent = dict(json.loads(LABEL.sub(self.label_id, json.dumps(request))), request_id=called(label))
        self.note(label, method, request)
        self.labels[label] = self.system.call(method, sent, principal)
        return self.labels[label]

    def note(self, label, method, request):
        self.told += 1
        self.book.take(method, request, f"{self.today}T21:{self.told // 60:02}:{self.told % 60:02}Z", label)

    def wait(self):
        self.system.nivactl("wait")

    # ---- what the system says ----

    def adjustments(self, unit=None, period=None, states=None):
        """Lines as they are, all but those that were superseded."""
        words = ["adjustments"] + [period] * bool(period) + [f"--unit={unit}"] * bool(unit)
        return [line for line in self.system.ask(*words)["adjustments"] if states is None or line["state"] in states]

    def line(self, unit, period, states=OPEN):
        """The one line of a month that is open."""
        lines = self.adjustments(unit, period, states)
        if len(lines) != 1:
            raise Failure(f"{unit} {period}: expected one line, actual {lines}")
        return lines[0]

    def due(self, unit, period, kronor):
        """The month's open line takes, or gives back, so much; None: there is none."""
        lines = self.adjustments(unit, period, OPEN)
        expect(f"{self.today} {unit} {period}", [ore(kronor)] if kronor else [], [line["computed_ore"] for line in lines])

    def breaches(self, unit=None, kind="BELOW_MINIMUM", states=("OPEN", "CLOSED")):
        """Breaches in order of first day."""
        words = ["breaches", f"--kind={kind}"] + [f"--unit={unit}"] * bool(unit)
        return sorted((breach for breach in self.system.ask(*words)["breaches"] if breach["state"] in states),
                      key=lambda breach: (breach["unit"], breach["first_day"]))

    def below(self, unit, first_day, last_day=""):
        """The unit's last breach has these days; "" while it is open."""
        breach = self.breaches(unit)[-1]
        expect(f"{self.today} {unit} below", (first_day, last_day), (breach["first_day"], breach["last_day"]))

    def forecast(self, days):
        """Who will fall below within so many days: those whose runs the model begins after today."""
        forecasts = self.system.ask("forecast", f"--within={days}")["forecasts"]
        last_day = str(datetime.date.fromisoformat(self.today) + datetime.timedelta(days=days))
        expected = [(unit, run["first_day"])
                    for unit, outcome in self.book.evaluate(self.system.program, self.folder, last_day, []).items()
                    for run in outcome["breaches"] if run["first_day"] > self.today]
        expect(f"{self.today} who will fall below", sorted(expected),
               sorted((forecast["unit"], forecast["first_day"]) for forecast in forecasts))
        return forecasts

    def met(self, unit):
        expect(f"{self.today} {unit}", [], [breach for breach in self.breaches(unit) if breach["state"] == "OPEN"])

    # ---- dialogue and decision ----

    def dialogue(self, verb, unit, *words, principal, kind="BELOW_MINIMUM", breach=None):
        """Says something in the dialogue about the unit's last breach."""
        about = breach or self.breaches(unit, kind)[-1]["breach_id"]
        entry = self.system.ask("dialogue", verb, about, *words, principal=principal)["entry"]
        self.wait()
        return entry

    def prepare(self, unit, period, principal, statement="", response=""):
        """An officer signs for the month's open line."""
        line = self.line(unit, period)
        words = [f"--statement={statement}"] * bool(statement) + [f"--response={response}"] * bool(response)
        self.system.ask("prepare", line["adjustment_id"], *words, principal=principal)
        return line

    def decide(self, line, outcome, principal, *, kronor=None, code=None, reason=None, case="RE 2022-0623-1 (fiktivt)"):
        """A decider approves, waives, or revises to so many kronor."""
        words = (["revise", line["adjustment_id"], kronor] if outcome == "revise"
                 else ["decide", line["adjustment_id"], outcome])
        words += [f"--case-number={case}", "--delegation=Delegation 4.2 (fiktiv)"]
        words += [f"--code={code}", f"--reason={reason}"] * bool(code)
        self.system.ask(*words, principal=principal)
        taken = {"approve": line["computed_ore"], "waive": 0, "revise": ore(kronor or "0")}[outcome]
        month = line["unit"], line["component"], line["period"]
        self.book.decided[month].append(
            Decided(line["adjustment_id"], taken, line["computed_total_ore"], line["computed_ore"] < 0))
        return line["adjustment_id"]

    def held_back(self, line, outcome, principal, *reasons):
        """A decision is refused, for these reasons and no others."""
        words = ["decide", line["adjustment_id"], outcome, "--case-number=F", "--delegation=Fiktiv"]
        words += ["--code=OTHER", "--reason=Fiktivt"] * (outcome == "waive")
        expect(f"{self.today} {outcome}", sorted(reasons), sorted(set(self.system.refused(*words, principal=principal))))

    def letter(self, kind, about, *words):
        """The text of a letter, as another program reads it, in one line."""
        path = self.folder / "brev.pdf"
        self.system.nivactl("letter", kind, about, "--file", str(path), *words)
        read = subprocess.run(["pdftotext", "-raw", path, "-"], capture_output=True, text=True, check=True, timeout=60)
        return re.sub(r"\s+", " ", read.stdout.replace("\u00a0", " "))

    # ---- killed meanwhile ----

    def while_killed(self, service, *words, principal):
        """Runs the tool, kills the service under it, and asks again: what is asked twice is done once."""
        done = []
        thread = threading.Thread(target=lambda: done.append(self.system.run(*words, principal=principal)))
        thread.start()
        self.system.order(f"restart {service}")
        thread.join(TIMEOUT_S)
        if done[0].returncode not in (0, 3):
            raise Failure(f"{words}: exit code {done[0].returncode}\n{done[0].stdout}{done[0].stderr}")
        answer = self.system.ask(*words, principal=principal)
        self.wait()
        return answer

    # ---- whether it is all so ----

    def reckon(self):
        """Compares all units with the model: breaches, every month's amount, and what is due after what was decided."""
        periods = [f"{year}-{month:02}" for year in (2022, 2023) for month in range(1, 13)]
        periods = [period for period in periods if period <= self.today[:7]]
        outcomes = self.book.evaluate(self.system.program, self.folder, self.today, periods)
        breaches, lines = self.breaches(), self.adjustments()
        for unit, outcome in outcomes.items():
            self.breaches_check(unit, outcome, [breach for breach in breaches if breach["unit"] == unit])
            for deduction in outcome["deductions"]:
                self.month_check(unit, deduction, [line for line in lines if line["unit"] == unit and
                                                   line["period"] == deduction["period"] and
                                                   line["component"] == deduction["component"]])

    def breaches_check(self, unit, outcome, breaches):
        actual = [(breach["first_day"], breach["last_day"] or self.today) for breach in breaches]
        expected = [(run["first_day"], run["last_day"]) for run in outcome["breaches"]]
        expect(f"{self.today} {unit}: breaches", expected, actual)
        self.checked["breaches"] += len(expected)

    def month_check(self, unit, deduction, lines):
        period, new = deduction["period"], deduction["deduction_ore"]
        told = f"{self.today} {unit} {period}"
        decided = self.book.decided[unit, deduction["component"], period]
        left = due(new, decided) - sum(line.deduction for line in decided)
        undecided = [line for line in lines if line["state"] in OPEN]
        expect(told, [(left, new)] if left else [],
               [(line["computed_ore"], line["computed_total_ore"]) for line in undecided])
        expect(f"{told}: what was decided",
               sorted((line.adjustment_id, line.deduction, line.total) for line in decided),
               sorted((line["adjustment_id"], line["deduction_ore"], line["computed_total_ore"])
                      for line in lines if line["state"] not in OPEN))
        for line in lines:
            owner, form = self.book.owner(unit, self.last_open(unit, period))
            expect(f"{told}: owner and form", (owner, form), (line["owner"], line["form"]))
            if line["state"] not in ("EXPORTED", "BOOKED"):
                expect(f"{told}: channel", CHANNELS[form], line["channel"])
        self.checked["months"] += new != 0
        self.checked["months decided more than once"] += len(decided) > 1

    def last_open(self, unit, period):
        return min(f"{period}-31", self.book.registered[unit].get("closed_on", "9999"))

    def explain(self, adjustment_id, deduction):
        """The explanation of a line adds up to what it takes."""
        explained = self.system.ask("explain", adjustment_id)
        total = sum((fractions.Fraction(line["ore"]) for line in explained["lines"]), fractions.Fraction(0))
        expect(f"the explanation of {adjustment_id}", deduction, total)
        for line in explained["lines"]:
            if not line["text_sv"] or not line["text_en"]:
                raise Failure(f"the explanation of {adjustment_id} is without words: {line}")
        return explained
