"""What the bot says of its own accord, in the languages it can say it in."""

from __future__ import annotations

from typing import Literal

Phrase = Literal["cannot_hear", "heard_nothing", "cannot_see", "limited", "reset", "text", "voice"]

_PHRASES: dict[str, dict[Phrase, str]] = {
    "en": {
        "cannot_hear": "Thank you. I can't listen to voice memos here; please send me a text.",
        "heard_nothing": "I couldn't make out any words in your voice memo. Could you try again?",
        "cannot_see": "Thanks. I can't look at files here; please tell me in words.",
        "limited": "That is a lot of messages at once. Please give me a few minutes.",
        "reset": "All right, let's start afresh.",
        "text": "All right, I'll write from now on.",
        "voice": "All right, I'll answer by voice from now on.",
    },
    "de": {
        "cannot_hear": "Danke. Sprachnachrichten kann ich hier nicht anhören; bitte schreib mir.",
        "heard_nothing": "Ich habe leider kein Wort verstanden. Magst du es noch einmal versuchen?",
        "cannot_see": "Danke. Dateien kann ich hier nicht ansehen; bitte sag es mir in Worten.",
        "limited": "Das sind viele Nachrichten auf einmal. Bitte gib mir ein paar Minuten.",
        "reset": "Gut, fangen wir von vorn an.",
        "text": "Gut, ab jetzt schreibe ich.",
        "voice": "Gut, ab jetzt antworte ich mit Sprachnachrichten.",
    },
    "fr": {
        "cannot_hear": "Merci. Je ne peux pas écouter de messages vocaux ici ; écrivez-moi plutôt.",
        "heard_nothing": "Je n'ai pas compris le message vocal. Pouvez-vous réessayer ?",
        "cannot_see": "Merci. Je ne peux pas ouvrir de fichiers ici ; dites-le-moi avec des mots.",
        "limited": "Cela fait beaucoup de messages à la fois. Laissez-moi quelques minutes.",
        "reset": "D'accord, repartons de zéro.",
        "text": "D'accord, je répondrai par écrit.",
        "voice": "D'accord, je répondrai par message vocal.",
    },
    "es": {
        "cannot_hear": "Gracias. Aquí no puedo escuchar mensajes de voz; escríbeme, por favor.",
        "heard_nothing": "No he entendido ninguna palabra del mensaje de voz. ¿Puedes repetirlo?",
        "cannot_see": "Gracias. Aquí no puedo abrir archivos; cuéntamelo con palabras, por favor.",
        "limited": "Son muchos mensajes a la vez. Dame unos minutos, por favor.",
        "reset": "De acuerdo, empecemos de nuevo.",
        "text": "De acuerdo, a partir de ahora escribo.",
        "voice": "De acuerdo, a partir de ahora respondo con notas de voz.",
    },
    "it": {
        "cannot_hear": "Grazie. Qui non posso ascoltare messaggi vocali; scrivimi, per favore.",
        "heard_nothing": "Non ho capito nessuna parola del messaggio vocale. Puoi riprovare?",
        "cannot_see": "Grazie. Qui non posso aprire file; dimmelo a parole, per favore.",
        "limited": "Sono molti messaggi in una volta. Dammi qualche minuto, per favore.",
        "reset": "Va bene, ricominciamo da capo.",
        "text": "Va bene, d'ora in poi scrivo.",
        "voice": "Va bene, d'ora in poi rispondo a voce.",
    },
    "pt": {
        "cannot_hear": "Obrigado. Aqui não consigo ouvir mensagens de voz; por favor, escreva.",
        "heard_nothing": "Não entendi nenhuma palavra na mensagem de voz. Pode tentar de novo?",
        "cannot_see": "Obrigado. Aqui não consigo abrir arquivos; por favor, diga em palavras.",
        "limited": "São muitas mensagens de uma vez. Por favor, aguarde alguns minutos.",
        "reset": "Certo, vamos recomeçar.",
        "text": "Certo, de agora em diante escrevo.",
        "voice": "Certo, de agora em diante respondo por voz.",
    },
    "nl": {
        "cannot_hear": "Bedankt. Spraakberichten kan ik hier niet beluisteren; stuur me tekst.",
        "heard_nothing": "Ik heb helaas niets verstaan. Kun je het nog eens proberen?",
        "cannot_see": "Bedankt. Bestanden kan ik hier niet bekijken; zeg het me in woorden.",
        "limited": "Dat zijn veel berichten tegelijk. Geef me een paar minuten.",
        "reset": "Goed, we beginnen opnieuw.",
        "text": "Goed, vanaf nu schrijf ik.",
        "voice": "Goed, vanaf nu antwoord ik met spraak.",
    },
}

LANGUAGES = tuple(_PHRASES)


def phrase(which: Phrase, language: str | None) -> tuple[str, str]:
    """The phrase and the language it is in: the one asked for, or else English."""
    code = (language or "en").replace("_", "-").partition("-")[0].lower()
    if code not in _PHRASES:
        code = "en"
    return _PHRASES[code][which], code
