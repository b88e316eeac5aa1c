/** The opening of the article in the languages of the player, as a company's translators would have it. */
export const LANGUAGES = {
  en: {
    name: 'English',
    kicker: 'Company news',
    title: 'November all‑hands, live at 10:00',
    standfirst:
      'The meeting is on the phone. Everybody else listens here: no dial-in, no plug-in, no account.',
    byline: 'By Priya Nair, Internal Communications',
    rest: '',
  },
  de: {
    name: 'Deutsch',
    kicker: 'Aus dem Unternehmen',
    title: 'Betriebsversammlung im November, live um 10 Uhr',
    standfirst:
      'Die Versammlung läuft am Telefon. Alle anderen hören hier zu: ohne Einwahl, ohne Plug-in, ohne Konto.',
    byline: 'Von Priya Nair, Interne Kommunikation',
    rest: 'Der Rest des Artikels ist auf Englisch.',
  },
  fr: {
    name: 'Français',
    kicker: 'Vie de l’entreprise',
    title: 'Réunion générale de novembre, en direct à 10 h',
    standfirst:
      'La réunion se tient au téléphone. Tous les autres l’écoutent ici : sans numéro à composer, sans extension, sans compte.',
    byline: 'Par Priya Nair, communication interne',
    rest: 'La suite de l’article est en anglais.',
  },
  es: {
    name: 'Español',
    kicker: 'Noticias de la empresa',
    title: 'Reunión general de noviembre, en directo a las 10:00',
    standfirst:
      'La reunión es por teléfono. Todos los demás la escuchan aquí: sin llamar, sin complementos, sin cuenta.',
    byline: 'Por Priya Nair, Comunicación Interna',
    rest: 'El resto del artículo está en inglés.',
  },
  pt: {
    name: 'Português',
    kicker: 'Notícias da empresa',
    title: 'Reunião geral de novembro, ao vivo às 10h',
    standfirst: 'A reunião é por telefone. Todos os outros ouvem aqui: sem ligar, sem plug-in, sem conta.',
    byline: 'Por Priya Nair, Comunicação Interna',
    rest: 'O resto do artigo está em inglês.',
  },
  it: {
    name: 'Italiano',
    kicker: 'Notizie aziendali',
    title: 'Riunione generale di novembre, in diretta alle 10:00',
    standfirst:
      'La riunione si tiene al telefono. Tutti gli altri ascoltano qui: senza numeri da comporre, senza plug-in, senza account.',
    byline: 'Di Priya Nair, Comunicazione interna',
    rest: 'Il resto dell’articolo è in inglese.',
  },
  nl: {
    name: 'Nederlands',
    kicker: 'Bedrijfsnieuws',
    title: 'Personeelsbijeenkomst van november, live om 10.00 uur',
    standfirst:
      'De bijeenkomst is telefonisch. Alle anderen luisteren hier: niet inbellen, geen plug-in, geen account.',
    byline: 'Door Priya Nair, Interne communicatie',
    rest: 'De rest van het artikel is in het Engels.',
  },
  pl: {
    name: 'Polski',
    kicker: 'Wiadomości firmowe',
    title: 'Listopadowe spotkanie całej firmy, na żywo o 10:00',
    standfirst:
      'Spotkanie odbywa się przez telefon. Wszyscy pozostali słuchają tutaj: bez dzwonienia, bez wtyczek, bez konta.',
    byline: 'Priya Nair, komunikacja wewnętrzna',
    rest: 'Dalsza część artykułu jest po angielsku.',
  },
  ja: {
    name: '日本語',
    kicker: '社内ニュース',
    title: '11月の全社ミーティングを10時から生中継',
    standfirst:
      'ミーティングは電話で行われます。ほかの皆さんはここで聴けます。電話もプラグインもアカウントも不要です。',
    byline: 'プリヤ・ナイル（社内広報）',
    rest: '記事の続きは英語です。',
  },
  zh: {
    name: '中文',
    kicker: '公司新闻',
    title: '十一月全体大会，10:00 直播',
    standfirst: '会议通过电话进行，其他人在这里收听：无需拨号，无需插件，无需账号。',
    byline: '普里娅·奈尔，内部传播部',
    rest: '文章其余部分为英文。',
  },
  ar: {
    name: 'العربية',
    dir: 'rtl',
    kicker: 'أخبار الشركة',
    title: 'اجتماع نوفمبر العام، مباشرة في العاشرة صباحًا',
    standfirst: 'الاجتماع عبر الهاتف، والجميع يستمعون من هنا: بلا اتصال هاتفي، وبلا إضافات، وبلا حساب.',
    byline: 'بقلم بريا ناير، الاتصال الداخلي',
    rest: 'بقية المقال بالإنجليزية.',
  },
};
