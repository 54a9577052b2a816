"""What the bot says of its own accord, in the languages it can say it in."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from app.languages import primary_subtag

Phrase = Literal[
    "cannot_hear",
    "heard_nothing",
    "not_heard",
    "too_long",
    "cannot_see",
    "limited",
    "reset",
    "text",
    "voice",
    "handed_over_still",
]
"""cannot_hear: nothing is set up to hear with. heard_nothing: no words in the recording.
not_heard: something went wrong on the way. text, voice: the form from now on. handed_over_still: a
person is still waited for."""


def phrase(which: Phrase, language: str | None) -> tuple[str, str]:
    """The phrase and the language it is in: `language` (BCP 47) if known here, else English."""
    code = primary_subtag(language or "en")
    if code not in PHRASES:
        code = "en"
    return PHRASES[code][which], code


PHRASES: Mapping[str, Mapping[Phrase, str]] = MappingProxyType(
    {
        "en": {
            "cannot_hear": "I can't listen to voice memos here. Text is better: please write.",
            "heard_nothing": "I couldn't make out any words in that voice memo. "
            "Could you try again, or write to me?",
            "not_heard": "I couldn't listen to that voice memo just now. "
            "Please send it again, or write to me.",
            "too_long": "That voice memo is too long for me. Please send a shorter one, or write.",
            "cannot_see": "I can't look at pictures or files here. Please tell me in words.",
            "limited": "That is a lot of messages at once. Please give me a few minutes.",
            "reset": "All right, let's start afresh.",
            "text": "All right, I'll write from now on.",
            "voice": "All right, I'll answer by voice from now on.",
            "handed_over_still": "Nobody is free yet. Your message is noted, and a colleague "
            "will get back to you here.",
        },
        "de": {
            "cannot_hear": "Sprachnachrichten kann ich hier nicht anhören. "
            "Bitte schreiben Sie mir lieber.",
            "heard_nothing": "In der Sprachnachricht habe ich leider kein Wort verstanden. "
            "Versuchen Sie es noch einmal, oder schreiben Sie mir?",
            "not_heard": "Die Sprachnachricht konnte ich gerade nicht anhören. "
            "Bitte schicken Sie sie noch einmal, oder schreiben Sie mir.",
            "too_long": "Die Sprachnachricht ist zu lang für mich. "
            "Bitte schicken Sie eine kürzere, oder schreiben Sie mir.",
            "cannot_see": "Bilder und Dateien kann ich hier nicht ansehen. "
            "Bitte sagen Sie es mir in Worten.",
            "limited": "Das sind viele Nachrichten auf einmal. "
            "Bitte geben Sie mir ein paar Minuten.",
            "reset": "Gut, fangen wir von vorn an.",
            "text": "Gut, ab jetzt schreibe ich.",
            "voice": "Gut, ab jetzt antworte ich mit Sprachnachrichten.",
            "handed_over_still": "Noch ist niemand frei. Ihre Nachricht ist notiert, und eine "
            "Kollegin oder ein Kollege meldet sich hier bei Ihnen.",
        },
        "fr": {
            "cannot_hear": "Je ne peux pas écouter de messages vocaux ici. "
            "Écrivez-moi plutôt, s'il vous plaît.",
            "heard_nothing": "Je n'ai compris aucun mot de ce message vocal. "
            "Pouvez-vous réessayer, ou m'écrire ?",
            "not_heard": "Je n'ai pas pu écouter ce message vocal. "
            "Merci de le renvoyer, ou de m'écrire.",
            "too_long": "Ce message vocal est trop long pour moi. "
            "Merci d'en envoyer un plus court, ou de m'écrire.",
            "cannot_see": "Je ne peux pas ouvrir d'images ni de fichiers ici. "
            "Dites-le-moi avec des mots, s'il vous plaît.",
            "limited": "Cela fait beaucoup de messages à la fois. Laissez-moi quelques minutes.",
            "reset": "D'accord, repartons de zéro.",
            "text": "D'accord, je répondrai par écrit.",
            "voice": "D'accord, je répondrai par message vocal.",
            "handed_over_still": "Personne n'est encore disponible. Votre message est noté, et "
            "un collègue vous répondra ici.",
        },
        "es": {
            "cannot_hear": "Aquí no puedo escuchar mensajes de voz. Escríbame, por favor.",
            "heard_nothing": "No he entendido ninguna palabra del mensaje de voz. "
            "¿Puede repetirlo o escribirme?",
            "not_heard": "No he podido escuchar el mensaje de voz. "
            "Envíelo otra vez o escríbame, por favor.",
            "too_long": "El mensaje de voz es demasiado largo para mí. "
            "Envíe uno más corto o escríbame, por favor.",
            "cannot_see": "Aquí no puedo abrir imágenes ni archivos. "
            "Dígamelo con palabras, por favor.",
            "limited": "Son muchos mensajes a la vez. Deme unos minutos, por favor.",
            "reset": "De acuerdo, empecemos de nuevo.",
            "text": "De acuerdo, a partir de ahora escribo.",
            "voice": "De acuerdo, a partir de ahora respondo con mensajes de voz.",
            "handed_over_still": "Todavía no hay nadie libre. Su mensaje está anotado y un "
            "compañero le responderá aquí.",
        },
        "it": {
            "cannot_hear": "Qui non posso ascoltare messaggi vocali. Mi scriva, per favore.",
            "heard_nothing": "Non ho capito nessuna parola del messaggio vocale. "
            "Può riprovare o scrivermi?",
            "not_heard": "Non sono riuscito ad ascoltare il messaggio vocale. "
            "Lo mandi di nuovo o mi scriva, per favore.",
            "too_long": "Il messaggio vocale è troppo lungo per me. "
            "Ne mandi uno più breve o mi scriva, per favore.",
            "cannot_see": "Qui non posso aprire immagini o file. Me lo dica a parole, per favore.",
            "limited": "Sono molti messaggi in una volta. Mi dia qualche minuto, per favore.",
            "reset": "Va bene, ricominciamo da capo.",
            "text": "Va bene, d'ora in poi scrivo.",
            "voice": "Va bene, d'ora in poi rispondo a voce.",
            "handed_over_still": "Ancora nessuno è libero. Il suo messaggio è stato annotato e "
            "un collega le risponderà qui.",
        },
        "pt": {
            "cannot_hear": "Aqui não consigo ouvir mensagens de voz. Escreva, por favor.",
            "heard_nothing": "Não entendi nenhuma palavra da mensagem de voz. "
            "Pode repetir ou escrever?",
            "not_heard": "Não consegui ouvir a mensagem de voz. "
            "Envie outra vez ou escreva, por favor.",
            "too_long": "A mensagem de voz é longa demais para mim. "
            "Envie uma mais curta ou escreva, por favor.",
            "cannot_see": "Aqui não consigo abrir imagens nem arquivos. "
            "Diga em palavras, por favor.",
            "limited": "São muitas mensagens de uma vez. Por favor, aguarde alguns minutos.",
            "reset": "Certo, vamos recomeçar.",
            "text": "Certo, de agora em diante escrevo.",
            "voice": "Certo, de agora em diante respondo por voz.",
            "handed_over_still": "Ainda não há ninguém livre. A sua mensagem está anotada e um "
            "colega responderá aqui.",
        },
        "nl": {
            "cannot_hear": "Spraakberichten kan ik hier niet beluisteren. Stuur liever tekst.",
            "heard_nothing": "Ik heb in het spraakbericht geen woord verstaan. "
            "Kunt u het nog eens proberen, of schrijven?",
            "not_heard": "Ik kon het spraakbericht net niet beluisteren. "
            "Stuur het nog eens, of schrijf me.",
            "too_long": "Het spraakbericht is te lang voor mij. Stuur een korter, of schrijf me.",
            "cannot_see": "Foto's en bestanden kan ik hier niet bekijken. Zeg het me in woorden.",
            "limited": "Dat zijn veel berichten tegelijk. Geef me een paar minuten.",
            "reset": "Goed, we beginnen opnieuw.",
            "text": "Goed, vanaf nu schrijf ik.",
            "voice": "Goed, vanaf nu antwoord ik met spraak.",
            "handed_over_still": "Er is nog niemand vrij. Uw bericht is genoteerd, en een "
            "collega antwoordt u hier.",
        },
        "pl": {
            "cannot_hear": "Nie mogę tu odsłuchiwać wiadomości głosowych. Proszę napisać.",
            "heard_nothing": "Nie zrozumiałem ani słowa z tej wiadomości głosowej. "
            "Proszę spróbować jeszcze raz albo napisać.",
            "not_heard": "Nie udało mi się odsłuchać tej wiadomości głosowej. "
            "Proszę wysłać ją jeszcze raz albo napisać.",
            "too_long": "Ta wiadomość głosowa jest dla mnie za długa. "
            "Proszę wysłać krótszą albo napisać.",
            "cannot_see": "Nie mogę tu oglądać zdjęć ani plików. Proszę powiedzieć to słowami.",
            "limited": "To dużo wiadomości naraz. Proszę o kilka minut przerwy.",
            "reset": "Dobrze, zaczynamy od nowa.",
            "text": "Dobrze, od teraz będę pisać.",
            "voice": "Dobrze, od teraz będę odpowiadać głosem.",
            "handed_over_still": "Nikt nie jest jeszcze wolny. Wiadomość jest zapisana, a ktoś "
            "z zespołu odpowie tutaj.",
        },
        "ru": {
            "cannot_hear": "Здесь я не могу прослушивать голосовые сообщения. "
            "Напишите, пожалуйста.",
            "heard_nothing": "В голосовом сообщении я не разобрал ни слова. "
            "Попробуйте ещё раз или напишите.",
            "not_heard": "Мне не удалось прослушать голосовое сообщение. "
            "Пришлите его ещё раз или напишите, пожалуйста.",
            "too_long": "Голосовое сообщение слишком длинное для меня. "
            "Пришлите короче или напишите, пожалуйста.",
            "cannot_see": "Здесь я не могу открывать картинки и файлы. "
            "Скажите, пожалуйста, словами.",
            "limited": "Очень много сообщений сразу. Дайте мне, пожалуйста, несколько минут.",
            "reset": "Хорошо, начнём сначала.",
            "text": "Хорошо, теперь буду писать.",
            "voice": "Хорошо, теперь буду отвечать голосом.",
            "handed_over_still": "Пока никто не освободился. Ваше сообщение записано, и "
            "сотрудник ответит вам здесь.",
        },
        "tr": {
            "cannot_hear": "Burada sesli mesajları dinleyemiyorum. Lütfen yazın.",
            "heard_nothing": "Sesli mesajda hiçbir kelimeyi anlayamadım. "
            "Tekrar dener misiniz ya da yazar mısınız?",
            "not_heard": "Sesli mesajı şu anda dinleyemedim. Lütfen tekrar gönderin ya da yazın.",
            "too_long": "Sesli mesaj benim için çok uzun. "
            "Lütfen daha kısa bir mesaj gönderin ya da yazın.",
            "cannot_see": "Burada resimlere ve dosyalara bakamıyorum. Lütfen kelimelerle anlatın.",
            "limited": "Bir anda çok fazla mesaj geldi. Lütfen bana birkaç dakika verin.",
            "reset": "Tamam, baştan başlayalım.",
            "text": "Tamam, bundan sonra yazacağım.",
            "voice": "Tamam, bundan sonra sesli cevap vereceğim.",
            "handed_over_still": "Henüz kimse müsait değil. Mesajınız not edildi, bir "
            "arkadaşımız size buradan dönecek.",
        },
        "ja": {
            "cannot_hear": "ここでは音声メッセージを聞くことができません。文字でお送りください。",
            "heard_nothing": "音声メッセージの言葉を聞き取れませんでした。"
            "もう一度お試しいただくか、文字でお送りください。",
            "not_heard": "音声メッセージを聞くことができませんでした。"
            "もう一度お送りいただくか、文字でお送りください。",
            "too_long": "音声メッセージが長すぎます。短くするか、文字でお送りください。",
            "cannot_see": "ここでは画像やファイルを見ることができません。言葉で教えてください。",
            "limited": "一度にたくさんのメッセージをいただきました。数分お待ちください。",
            "reset": "わかりました。最初から始めましょう。",
            "text": "わかりました。これからは文字でお答えします。",
            "voice": "わかりました。これからは音声でお答えします。",
            "handed_over_still": "まだ担当者の手が空いておりません。"
            "メッセージは承りました。担当者がこちらでお返事します。",
        },
        "zh": {
            "cannot_hear": "我在这里听不了语音消息，请发文字。",
            "heard_nothing": "我没有听清语音里的话，请再说一次，或者发文字。",
            "not_heard": "刚才没能听到您的语音消息，请再发一次，或者发文字。",
            "too_long": "这条语音太长了，请发短一点的，或者发文字。",
            "cannot_see": "我在这里看不了图片和文件，请用文字告诉我。",
            "limited": "一下子收到很多消息，请给我几分钟。",
            "reset": "好的，我们重新开始。",
            "text": "好的，以后我用文字回复。",
            "voice": "好的，以后我用语音回复。",
            "handed_over_still": "现在还没有人有空。您的消息已经记下，同事会在这里回复您。",
        },
    }
)
