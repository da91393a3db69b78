"""Invented names: given names and clan names as they are heard in Gorontalo, put together at random, and how clerks
misspell them."""

import re
from random import Random

from domain.nik import FEMALE


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_MEN = _words(
    "Abdul Abdullah Ahmad Arifin Aswin Bahrun Burhan Dahlan Darwis Djamal Fahmi Faisal Fikri Hamid Haris Hasyim Idris"
    " Ilham Iqbal Ismail Jufri Kasim Lukman Mahmud Mansur Muhammad Mulyadi Nasir Nurdin Rahmat Ramli Ridwan Rizal Rustam"
    " Safrudin Salim Samsul Sudirman Syarif Taufik Umar Wahyu Yahya Yasin Yusran Zainal Zulkifli"
)
_WOMEN = _words(
    "Aisyah Amina Ani Asna Citra Dahlia Dewi Djamila Ernawati Fatimah Fitriani Hadijah Halima Hapsa Hasna Indrawati"
    " Irma Jumriati Karsum Kartin Lestari Lilis Maryam Masita Mira Nonu Nurhayati Nurlaila Rahma Ratna Rosmiati Rukmin"
    " Salma Saripa Siti Sri Suryani Wahyuni Warni Yulin Yusna Zahra Zubaida Zulaiha"
)
_CLANS = _words(
    "Abdjul Adam Ahaya Akuba Biya Bilondatu Botutihe Daud Dukalang Dunggio Eyato Giasi Gobel Haluti Hamzah Harun Hasan"
    " Hinta Hippy Hulopi Hunowu Husain Ibrahim Igirisa Ishak Kadir Kaluku Karim Katili Koni Labaso Lahay Lakoro Lamusu"
    " Lasimpala Latif Lihawa Luawo Maku Makuta Mantulangi Maruwae Matoka Mobilingo Modanggu Mohamad Mointi Monoarfa"
    " Moonti Mopangga Musa Napu Naue Nento Ngabito Niode Nusi Ointu Olii Otuh Pakaya Paneo Panigoro Pateda Podungge"
    " Polapa Pulubuhu Rahim Rauf Saidi Saleh Suleman Sune Tahir Tamuu Tangahu Tantu Thalib Tilome Tuloli Une Usman"
    " Wantogia Wartabone Yunus Yusuf Zakaria"
)

# How the same name is written by another hand: what stands, and what is put in its place.
_HANDS = (
    ("Muhammad", "Moh."),
    ("Abdul ", "Abd. "),
    ("Ahmad", "Achmad"),
    ("Siti", "Sitti"),
    ("Dj", "J"),
    ("dj", "j"),
    ("Sy", "Sj"),
    ("u", "oe"),
    ("c", "tj"),
    ("nn", "n"),
    ("ti", "thi"),
    ("f", "p"),
    ("j", "dj"),
    ("y", "i"),
    ("hm", "km"),
    ("iy", "y"),
    ("aa", "a"),
    ("oo", "o"),
    ("l", "ll"),
)

_VIRTUES = _words("Huyula Mawar Melati Harapan Sejahtera Mandiri Sepakat Bersatu Cahaya Bina Karya Tunas Mekar Rukun")
_QUALITIES = _words("Bersama Indah Jaya Sejati Mulia Baru Lestari Damai Ikhlas Maju")


def person(rng: Random, sex: str, clan: str | None = None) -> str:
    """A name: one or two given names and a clan; now and then a single name only."""
    given = rng.choice(_WOMEN if sex == FEMALE else _MEN)
    if rng.random() < 0.06:
        return given
    if rng.random() < 0.55:
        second = rng.choice(_WOMEN if sex == FEMALE else _MEN)
        given = given if second == given else f"{given} {second}"
    return f"{given} {clan or rng.choice(_CLANS)}"


def clan_of(name: str) -> str | None:
    """The clan in a name, so that a family shares it."""
    last = name.split()[-1]
    return last if last in _CLANS else None


def official(rng: Random, sex: str) -> str:
    """An official's name, sometimes with a degree."""
    degree = rng.choice(("", "", ", S.Sos", ", S.E", ", S.Pd", ", S.H", ", M.Si"))
    name = f"{rng.choice(_WOMEN if sex == FEMALE else _MEN)} {rng.choice(_CLANS)}"
    return name + degree


def variant(rng: Random, name: str) -> str:
    """The same name by another hand: other spelling, a title in front, or a given name left out. Never the same text."""
    words = name.split()
    fitting = [(old, new) for old, new in _HANDS if old in name]
    rng.shuffle(fitting)
    for old, new in fitting[: rng.randint(1, 2)]:
        name = re.sub(re.escape(old), new, name, count=1)
    if len(words) == 3 and rng.random() < 0.2:
        name = " ".join(name.split()[:1] + name.split()[-1:])
    if not fitting or rng.random() < 0.15:
        name = f"Hi. {name}"
    return name


def body(rng: Random, *before: str) -> str:
    """The name of a group, such as “Mawar Bersama”."""
    return " ".join((*before, rng.choice(_VIRTUES), rng.choice(_QUALITIES)))
