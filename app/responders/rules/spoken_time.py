"""Opening times as one says them: `at 9 am`, `am Montag um 9 Uhr`, `明日9時`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType

from app.languages import primary_subtag


def spoken_opening(moment: datetime, now: datetime, language: str | None) -> str:
    """When it opens, seen from `now`. Both are local times of the business."""
    return _spoken(moment.date(), moment.hour, moment.minute, now.date(), language)


def spoken_closing(moment: datetime, now: datetime, language: str | None) -> str:
    """When it closes, seen from `now`. Midnight belongs to the day that ends."""
    if moment.hour == moment.minute == 0:
        return _spoken(moment.date() - timedelta(days=1), 24, 0, now.date(), language)
    return _spoken(moment.date(), moment.hour, moment.minute, now.date(), language)


def says_twice(text: str, language: str | None) -> str | None:
    """An `at`, `on` or the like right before `{opens}` or `{closes}`, which bring their own."""
    words = _AT.get(primary_subtag(language or "en"))
    found = words and re.search(rf"\b({words})\s+\{{(?:opens|closes)\}}", text, re.IGNORECASE)
    return str(found.group()) if found else None


def without_at(time: str, before: str, language: str | None) -> str:
    """A spoken time as it is said after `before`: `until` `6 pm`, not `until at 6 pm`."""
    primary = primary_subtag(language or "en")
    words = _UNTIL.get(primary)
    if not words or not re.search(rf"\b(?:{words})\s+\Z", before, re.IGNORECASE):
        return time
    return _LANGUAGES[primary].after_until(time)


def can_say_times(language: str | None) -> bool:
    """Whether times can be said in this language; in others they are written as numbers."""
    return language is not None and primary_subtag(language) in _LANGUAGES


def clock(minutes: int, language: str) -> str:
    """A time of day alone, without `at`: `9:30 am`, `9 Uhr`. `minutes` after midnight."""
    hour, minute = divmod(minutes, 60)
    said = _LANGUAGES[primary_subtag(language)]
    return said.clock(hour, minute).removeprefix(said.at)


def day_name(weekday: int, language: str) -> str:
    """The name of a day, Monday is 0, as it stands in `on_day`."""
    return _LANGUAGES[primary_subtag(language)].days[weekday]


def month_name(month: int, language: str) -> str:
    return _LANGUAGES[primary_subtag(language)].months[month - 1]


def _spoken(day: date, hour: int, minute: int, today: date, language: str | None) -> str:
    said = _LANGUAGES.get(primary_subtag(language or "en"))
    if said is None:
        clock = f"{hour}:{minute:02}"
        return clock if day == today else f"{day.isoformat()} {clock}"
    time = said.clock(hour, minute)
    if day == today:
        return time
    if day == today + timedelta(days=1):
        return said.tomorrow.format(time=time)
    if today < day < today + timedelta(days=7):
        return said.on_day.format(day=said.days[day.weekday()], time=time)
    number = said.first_of_month if day.day == 1 and said.first_of_month else str(day.day)
    return said.on_date.format(day=number, month=said.months[day.month - 1], time=time)


@dataclass(frozen=True)
class _Language:
    """The words of one language. `sharp` is a full hour, `clocked` one with minutes."""

    sharp: str
    clocked: str
    tomorrow: str
    on_day: str
    days: tuple[str, ...]
    on_date: str
    months: tuple[str, ...]
    first_of_month: str = ""
    before_day: str = ""
    """What stands before a day or date, and is left out after `until`."""

    @property
    def at(self) -> str:
        """What stands before a time, such as `at `."""
        return self.sharp.partition("{")[0]

    def after_until(self, time: str) -> str:
        """`6 pm` and `Monday at 9 am`, of `at 6 pm` and `on Monday at 9 am`."""
        for before in (self.at, self.before_day):
            if before and time.startswith(before):
                return time.removeprefix(before)
        return time

    def clock(self, hour: int, minute: int) -> str:
        form = self.clocked if minute else self.sharp
        return form.format(h=hour, m=f"{minute:02}")


class _TwelveHours(_Language):
    def clock(self, hour: int, minute: int) -> str:
        if minute == 0 and hour in (0, 12, 24):
            return "at noon" if hour == 12 else "at midnight"
        half = "am" if hour < 12 else "pm"
        return super().clock(hour % 12 or 12, minute) + " " + half


def _split(words: str) -> tuple[str, ...]:
    return tuple(words.split(","))


def _numbered(form: str) -> tuple[str, ...]:
    return tuple(form.format(number) for number in range(1, 13))


# What makes nonsense in front of `at 6 pm`, `tomorrow at 9 am`, `on Monday at 9 am`.
_AT = MappingProxyType(
    {"en": "at|on", "de": "um|am", "fr": "à|le", "es": "a las|el", "it": "alle", "pt": "às",
     "nl": "om|op"}
)  # fmt: skip
# What a time follows without its `at`.
_UNTIL = MappingProxyType(
    {"en": "until|till|by|before|from|after", "de": "bis|ab|von|vor|nach", "es": "hasta",
     "fr": "jusqu'à|dès", "it": "fino", "pt": "até", "nl": "tot|vanaf"}
)  # fmt: skip

_LANGUAGES = MappingProxyType(
    {
        "en": _TwelveHours(
            sharp="at {h}",
            clocked="at {h}:{m}",
            tomorrow="tomorrow {time}",
            on_day="on {day} {time}",
            days=_split("Monday,Tuesday,Wednesday,Thursday,Friday,Saturday,Sunday"),
            on_date="on {month} {day} {time}",
            before_day="on ",
            months=_split(
                "January,February,March,April,May,June,July,August,September,October,"
                "November,December"
            ),
        ),
        "de": _Language(
            sharp="um {h} Uhr",
            clocked="um {h}:{m} Uhr",
            tomorrow="morgen {time}",
            on_day="am {day} {time}",
            days=_split("Montag,Dienstag,Mittwoch,Donnerstag,Freitag,Samstag,Sonntag"),
            on_date="am {day}. {month} {time}",
            before_day="am ",
            months=_split(
                "Januar,Februar,März,April,Mai,Juni,Juli,August,September,Oktober,November,Dezember"
            ),
        ),
        "fr": _Language(
            sharp="à {h} h",
            clocked="à {h} h {m}",
            tomorrow="demain {time}",
            on_day="{day} {time}",
            days=_split("lundi,mardi,mercredi,jeudi,vendredi,samedi,dimanche"),
            on_date="le {day} {month} {time}",
            months=_split(
                "janvier,février,mars,avril,mai,juin,juillet,août,septembre,octobre,"
                "novembre,décembre"
            ),
            first_of_month="1er",
        ),
        "es": _Language(
            sharp="a las {h}:{m}",
            clocked="a las {h}:{m}",
            tomorrow="mañana {time}",
            on_day="el {day} {time}",
            days=_split("lunes,martes,miércoles,jueves,viernes,sábado,domingo"),
            on_date="el {day} de {month} {time}",
            months=_split(
                "enero,febrero,marzo,abril,mayo,junio,julio,agosto,septiembre,octubre,"
                "noviembre,diciembre"
            ),
        ),
        "it": _Language(
            sharp="alle {h}",
            clocked="alle {h}:{m}",
            tomorrow="domani {time}",
            on_day="{day} {time}",
            days=_split("lunedì,martedì,mercoledì,giovedì,venerdì,sabato,domenica"),
            on_date="il {day} {month} {time}",
            months=_split(
                "gennaio,febbraio,marzo,aprile,maggio,giugno,luglio,agosto,settembre,ottobre,"
                "novembre,dicembre"
            ),
            first_of_month="primo",
        ),
        "pt": _Language(
            sharp="às {h}h",
            clocked="às {h}h{m}",
            tomorrow="amanhã {time}",
            on_day="{day} {time}",
            days=_split(
                "na segunda-feira,na terça-feira,na quarta-feira,na quinta-feira,"
                "na sexta-feira,no sábado,no domingo"
            ),
            on_date="em {day} de {month} {time}",
            months=_split(
                "janeiro,fevereiro,março,abril,maio,junho,julho,agosto,setembro,outubro,"
                "novembro,dezembro"
            ),
        ),
        "nl": _Language(
            sharp="om {h} uur",
            clocked="om {h}:{m} uur",
            tomorrow="morgen {time}",
            on_day="{day} {time}",
            days=_split("maandag,dinsdag,woensdag,donderdag,vrijdag,zaterdag,zondag"),
            on_date="op {day} {month} {time}",
            before_day="op ",
            months=_split(
                "januari,februari,maart,april,mei,juni,juli,augustus,september,oktober,"
                "november,december"
            ),
        ),
        "pl": _Language(
            sharp="o {h}:{m}",
            clocked="o {h}:{m}",
            tomorrow="jutro {time}",
            on_day="{day} {time}",
            days=_split(
                "w poniedziałek,we wtorek,w środę,w czwartek,w piątek,w sobotę,w niedzielę"
            ),
            on_date="{day} {month} {time}",
            months=_split(
                "stycznia,lutego,marca,kwietnia,maja,czerwca,lipca,sierpnia,września,"
                "października,listopada,grudnia"
            ),
        ),
        "ru": _Language(
            sharp="в {h}:{m}",
            clocked="в {h}:{m}",
            tomorrow="завтра {time}",
            on_day="{day} {time}",
            days=_split(
                "в понедельник,во вторник,в среду,в четверг,в пятницу,в субботу,в воскресенье"
            ),
            on_date="{day} {month} {time}",
            months=_split(
                "января,февраля,марта,апреля,мая,июня,июля,августа,сентября,октября,ноября,декабря"
            ),
        ),
        "uk": _Language(
            sharp="о {h}:{m}",
            clocked="о {h}:{m}",
            tomorrow="завтра {time}",
            on_day="{day} {time}",
            days=_split("у понеділок,у вівторок,у середу,у четвер,у п'ятницю,у суботу,у неділю"),
            on_date="{day} {month} {time}",
            months=_split(
                "січня,лютого,березня,квітня,травня,червня,липня,серпня,вересня,жовтня,"
                "листопада,грудня"
            ),
        ),
        "sv": _Language(
            sharp="klockan {h}",
            clocked="klockan {h}:{m}",
            tomorrow="i morgon {time}",
            on_day="på {day} {time}",
            days=_split("måndag,tisdag,onsdag,torsdag,fredag,lördag,söndag"),
            on_date="den {day} {month} {time}",
            months=_split(
                "januari,februari,mars,april,maj,juni,juli,augusti,september,oktober,"
                "november,december"
            ),
        ),
        "tr": _Language(
            sharp="saat {h}:{m}",
            clocked="saat {h}:{m}",
            tomorrow="yarın {time}",
            on_day="{day} {time}",
            days=_split("pazartesi,salı,çarşamba,perşembe,cuma,cumartesi,pazar"),
            on_date="{day} {month} {time}",
            months=_split(
                "Ocak,Şubat,Mart,Nisan,Mayıs,Haziran,Temmuz,Ağustos,Eylül,Ekim,Kasım,Aralık"
            ),
        ),
        "ar": _Language(
            sharp="الساعة {h}:{m}",
            clocked="الساعة {h}:{m}",
            tomorrow="غدًا {time}",
            on_day="يوم {day} {time}",
            days=_split("الاثنين,الثلاثاء,الأربعاء,الخميس,الجمعة,السبت,الأحد"),
            on_date="يوم {day} {month} {time}",
            months=_split(
                "يناير,فبراير,مارس,أبريل,مايو,يونيو,يوليو,أغسطس,سبتمبر,أكتوبر,نوفمبر,ديسمبر"
            ),
        ),
        "zh": _Language(
            sharp="{h}点",
            clocked="{h}点{m}分",
            tomorrow="明天{time}",
            on_day="{day}{time}",
            days=_split("星期一,星期二,星期三,星期四,星期五,星期六,星期日"),
            on_date="{month}{day}日{time}",
            months=_numbered("{}月"),
        ),
        "ja": _Language(
            sharp="{h}時",
            clocked="{h}時{m}分",
            tomorrow="明日{time}",
            on_day="{day}{time}",
            days=_split("月曜日,火曜日,水曜日,木曜日,金曜日,土曜日,日曜日"),
            on_date="{month}{day}日{time}",
            months=_numbered("{}月"),
        ),
        "ko": _Language(
            sharp="{h}시",
            clocked="{h}시 {m}분",
            tomorrow="내일 {time}",
            on_day="{day} {time}",
            days=_split("월요일,화요일,수요일,목요일,금요일,토요일,일요일"),
            on_date="{month} {day}일 {time}",
            months=_numbered("{}월"),
        ),
    }
)
