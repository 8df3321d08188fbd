"""Words about links, by language: what one clicks to confirm something, and what one does not.

`ACTION` asks to confirm, activate, reset, accept or unlock; `LOGIN` counts only where the address carries a token;
`CLICK` points at a link, `IGNORE` is for those who did not ask,
`DENY` undoes or is for somebody who did not ask; `BOILER` is what hangs below every mail. Notation: vocabulary.py.
"""

ACTION = {
    "all": "verif, konfirm, confirm, aktiv, activ, reset, invit, valid, верифи, актив",
    "en": "set password, set a password, set your password, set a new password, set new password, "
    "setting a password, set up your account, set up account, set up your password, setup your account, "
    "change password, change my password, change your password, choose a new password, choose a password, "
    "choose your password, create a password, create your password, create password, create a new password, "
    "new password, accept, approv, unlock, authori, authenticat, invited you, has invited, complete registration, "
    "complete your registration, complete sign, complete your sign, complete your account, "
    "complete your profile setup, finish sign, finish setting, finish your registration, finish registration, "
    "finish creating, recover, restore, reactivat, yes it was me, yes subscribe, subscribe me, magic link, "
    "passwordless, consent, delete my account, update your password, let me in, enable account, =allow, "
    "close my account, close account, erase, lost password, forgot",
    "de": "bestatig, freischalt, zurucksetz, passwort festleg, passwort setzen, passwort ander, passwort erstell, "
    "passwort wahl, neues passwort, kennwort, annehm, beitret, entsperr, genehmig, einladung, teilnehmen, "
    "autorisier, zustimm, abschließ, abzuschließ, anmeldung abschl",
    "nl": "bevestig, wachtwoord instel, wachtwoord herstel, wachtwoord wijzig, nieuw wachtwoord, herstel, "
    "opnieuw instel, accepteer, accepter, uitnodig, ontgrendel, goedkeur, deelnem, neem deel, word lid, deblokkeer, "
    "stel in",
    "sv": "bekrafta, aterstall, nytt losenord, byt losenord, valj losenord, acceptera, inbjud, las upp, godkann, "
    "ga med, anslut, bjudit in, bjuder in",
    "da": "bekraeft, bekræft, nulstil, ny adgangskode, nyt kodeord, skift adgangskode, accepter, las op, godkend, "
    "deltag, tilslut",
    "no": "bekreft, tilbakestill, nytt passord, endre passord, velg passord, godta, aksepter, las opp, godkjenn, "
    "bli med",
    "is": "stadfest, virkj, endurstill, endursett, nytt lykilord, bodid, samþykk",
    "fi": "vahvist, palaut, nollaa, uusi salasana, uuden salasanan, vaihda salasana, aseta salasana, hyvaksy, "
    "kutsu, liity, avaa lukitus",
    "et": "kinnit, lahtesta, taasta, uus parool, parooli, noustu, kutse, liitu",
    "lv": "apstiprin, atiestat, atjauno, jaunu paroli, jauna parole, paroles maina, pienem, uzaicin, pievienot, "
    "pievienoj, atblok",
    "lt": "patvirtin, aktyv, atkurti, atkur, nauja slaptazod, slaptazodzio, slaptazodi, priimti, kvieti, pakviet, "
    "prisijungti prie komand, atrakin",
    "pl": "potwierdz, weryfik, zweryfik, aktyw, zresetuj, nowe haslo, zmien haslo, ustaw haslo, zmiana hasla, "
    "akceptuj, zaakceptuj, przyjmij, zapros, zaprasza, dolacz, odblokuj, zatwierdz",
    "cs": "potvrd, overit, overeni, overte, obnov, nove heslo, noveho hesla, zmenit heslo, nastavit heslo, "
    "prijmout, prijm, pozvan, pozvank, pripojit, odemkn, odblok, schvalit",
    "sk": "potvrd, overit, overen, obnov, nove heslo, noveho hesla, zmenit heslo, nastavit heslo, prijat, pozvan, "
    "pozvank, pripojit, odomkn, odblok, schvalit",
    "hu": "megerosit, hitelesit, visszaallit, uj jelszo, jelszo, elfogad, meghiv, csatlakoz, feloldas, "
    "zarolas feloldas, jovahagy",
    "ro": "parola noua, schimba parola, seteaza parola, accept, alatura, deblo, aprob",
    "sq": "rivendos, fjalekalim, prano, ftes, bashkohu",
    "sl": "potrdi, preveri, ponastav, novo geslo, spremeni geslo, sprejm, vabil, povabil, pridruz, odklen, odobri",
    "hr": "potvrd, ponovno postav, nova lozinka, novu lozinku, promijeni lozinku, lozink, prihvat, pozivnic, "
    "poziv, pridruzi, otkljuc, odobri",
    "sr": "потврд, ресетуј, ресетовањ, лозинк, прихват, позив, придружи, откључ, одобри",
    "mk": "потврд, ресетир, лозинк, прифат, покан, приклуч",
    "bg": "потвърд, нулир, възстанов, нова парола, смяна на парола, приеми, приемете, покан, присъедин, отключ, одобр",
    "ru": "подтверд, подтвержд, сброс, восстанов, новый пароль, нового пароля, смена пароля, смены пароля, "
    "сменить пароль, создать пароль, принять, приглаш, присоедин, разблок, одобр, задать пароль, смену пароля, "
    "смене пароля",
    "uk": "підтверд, скин, віднов, новий пароль, змінити пароль, встановити пароль, прийняти, запрош, приєдн, "
    "розблок, схвал, верифік",
    "be": "пацверд, актыв, скін, аднавіць, запраш, далуч, прыняць",
    "kk": "раста, белсендір, қалпына, құпиясөз, шақыр, қосыл, қабылда",
    "mn": "баталгаажуул, идэвхжүүл, сэргээ, нууц үг, урилга, нэгд",
    "el": "επιβεβαι, επαληθευ, ενεργοποι, επαναφορ, νεο κωδικο, νεου κωδικου, αλλαγη κωδικου, αποδοχ, αποδεχ, "
    "προσκλη, προσκαλ, συμμετοχη, ξεκλειδ, εγκρι",
    "tr": "dogrula, onayla, etkinles, aktif et, sifirla, yeni sifre, sifre belirle, sifreni, sifrenizi, parolani, "
    "parolanizi, yeni parola, kabul et, davet, katil, kilidi, kilit ac, sifremi, sifreyi",
    "az": "tesdiq, dogrula, sifirla, yeni sifre, devet, qosul, qebul",
    "es": "restablec, restaurar, nueva contrasena, cambiar contrasena, cambiar mi contrasena, "
    "cambia tu contrasena, crear contrasena, acept, unirse, unete, unirte, desbloq, aprob, valida tu, valide su, "
    "recuper, autoriz, unirme",
    "pt": "ativar, ativa, redefin, nova senha, trocar minha senha, trocar a sua senha, alterar senha, "
    "alterar a senha, nova palavra-passe, palavra-passe, aceitar, aceite o, entrar na equipe, juntar-se, desbloq, "
    "aprovar, aprove o, recuper, autoriz, repor a, convite, convid",
    "fr": "reinitialis, nouveau mot de passe, changer mon mot de passe, changer le mot de passe, "
    "modifier mon mot de passe, choisir un mot de passe, definir mon mot de passe, creer mon mot de passe, "
    "creer un mot de passe, accept, rejoin, deverrouill, debloqu, approuv, autoris",
    "it": "conferm, attiva, attivare, reimpost, ripristin, nuova password, cambia password, cambia la password, "
    "imposta la password, scegli una password, accett, unisciti, sblocc, approv, convalid, autorizz, recuper",
    "ca": "restabl, restaura la, nova contrasenya, canvia la contrasenya, accept, convid, uneix, desbloq, aprova la",
    "gl": "restablec, novo contrasinal, contrasinal, acept, convid, unirse",
    "eu": "berretsi, egiaztat, aktibat, berrezarri, pasahitz, onartu, gonbid",
    "cy": "cadarnh, dilys, ailosod, cyfrinair, derbyn, gwahodd",
    "ga": "deimhn, fiorai, gniomhach, pasfhocal, glac",
    "mt": "ikkonferm, konferm, ivverifik, attiva, password gdida, aċċetta",
    "af": "bevestig, herstel, nuwe wagwoord, aanvaar, uitnodig, sluit aan",
    "ar": "تأكيد, تاكيد, تحقق, التحقق, توثيق, لتوثيق, تفعيل, لتفعيل, تنشيط, إعادة تعيين, تعيين كلمة, كلمة المرور, "
    "كلمة مرور, قبول, دعوة, دعاك, انضم, الانضمام, فتح الحساب, موافق, أكد",
    "fa": "تایید, تأیید, فعال‌سازی, فعالسازی, فعال سازی, فعال کردن, بازیابی, بازنشانی, تغییر رمز, رمز عبور, "
    "گذرواژه, پذیرش, قبول, دعوت, پیوستن, بپیوند",
    "ur": "تصدیق, توثیق, فعال, پاس ورڈ, قبول, دعوت, شامل ہوں",
    "he": "אשר, אישור, אימות, לאמת, אמת, הפעל, הפעלת, איפוס, אפס, לאפס, סיסמה חדשה, קבל, קבלת ההזמנה, הזמין אותך, "
    "הצטרף, הצטרפ, שחרור, לאישור",
    "hi": "सत्याप, पुष्टि, सक्रिय, रीसेट, नया पासवर्ड, पासवर्ड बदल, स्वीकार, आमंत्र, शामिल, अनलॉक",
    "bn": "যাচাই, নিশ্চিত, সক্রিয়, রিসেট, পাসওয়ার্ড, গ্রহণ, আমন্ত্রণ, যোগ দিন, যোগদান",
    "mr": "पडताळ, सत्याप, पुष्टी, सक्रिय, रीसेट, स्वीकार, आमंत्र",
    "pa": "ਤਸਦੀਕ, ਪੁਸ਼ਟੀ, ਕਿਰਿਆਸ਼ੀਲ, ਰੀਸੈਟ, ਸੱਦਾ",
    "gu": "ચકાસ, પુષ્ટિ, સક્રિય, રીસેટ, આમંત્રણ, સ્વીકાર",
    "ta": "உறுதிப்படுத்த, உறுதி, சரிபார், செயல்படுத்த, மீட்டமை, கடவுச்சொல், அழைப்பு, ஏற்க, சேர",
    "te": "ధృవీక, నిర్ధార, యాక్టివ, రీసెట్, పాస్‌వర్డ్, ఆహ్వాన, అంగీకర",
    "kn": "ಪರಿಶೀಲ, ದೃಢೀಕ, ಸಕ್ರಿಯ, ಮರುಹೊಂದಿ, ಆಹ್ವಾನ",
    "ml": "സ്ഥിരീകര, പരിശോധ, സജീവ, പുനഃസജ്ജ, ക്ഷണ",
    "si": "තහවුරු, සක්‍රිය, යළි පිහිට, මුරපද",
    "ne": "प्रमाणित, पुष्टि, सक्रिय, रिसेट",
    "th": "ยืนยัน, เปิดใช้งาน, รีเซ็ต, ตั้งรหัสผ่าน, รหัสผ่านใหม่, เปลี่ยนรหัสผ่าน, ยอมรับ, เชิญ, เข้าร่วม, ปลดล็อก, อนุมัติ",
    "km": "បញ្ជាក់, ផ្ទៀងផ្ទាត់, ធ្វើឱ្យសកម្ម, កំណត់ពាក្យសម្ងាត់, ទទួល",
    "lo": "ຢືນຢັນ, ເປີດໃຊ້, ຕັ້ງລະຫັດ",
    "my": "အတည်ပြု, အသက်သွင်း, စကားဝှက်",
    "vi": "xac nhan, xac minh, xac thuc, kich hoat, dat lai, mat khau moi, doi mat khau, chap nhan, loi moi, "
    "tham gia, mo khoa, phe duyet",
    "id": "aktifkan, atur ulang, sandi baru, kata sandi, ubah sandi, terima undangan, undang, bergabung, gabung, "
    "buka kunci, setujui",
    "ms": "sahkan, pengesahan, aktifkan, tetapkan semula, set semula, kata laluan, terima jemputan, jemput, "
    "sertai, buka kunci, luluskan",
    "tl": "kumpirma, i-verify, beripika, i-activate, i-reset, bagong password, tanggapin, imbita, sumali",
    "sw": "thibitish, washa, weka upya, nenosiri, kubali, mwaliko, alikualika, jiunge, fungua",
    "zh": "确认, 確認, 验证, 驗證, 激活, 启用, 啟用, 重置, 重设, 重設, 设置密码, 設定密碼, 设定密码, 新密码, "
    "新密碼, 修改密码, 变更密码, 接受, 邀请, 邀請, 加入, 解锁, 解鎖, 批准, 授权, 開通, 开通",
    "ja": "確認, 認証, 有効化, 有効に, アクティベ, 再設定, リセット, パスワードの設定, パスワードを設定, "
    "新しいパスワード, 変更する, 承認, 承諾, 招待, 参加, ロック解除, ロックを解除, 本登録, 登録を完了, 受け入れ",
    "ko": "확인, 인증, 활성화, 재설정, 초기화, 새 비밀번호, 비밀번호 변경, 비밀번호 설정, 수락, 초대, 참여하기, "
    "참가, 가입 완료, 잠금 해제, 승인",
    "ka": "დადასტურ, დაადასტურ, ვერიფიკ, გააქტიურ, აღდგენ, აღადგინ, პაროლ, მოწვევ, მიღება, შეუერთდ",
    "hy": "հաստատ, ակտիվաց, վերականգն, գաղտնաբառ, հրավեր, ընդուն, միանալ",
    "am": "ያረጋግጡ, ማረጋገጫ, ያግብሩ, ዳግም",
}

LOGIN = {
    "all": "=join, log in, login, log me in, sign in, sign me in, sign-in, signin, continue, anmeld, einlogg, "
    "inloggen, aanmelden, logga in, log ind, logg inn, kirjaudu, logi sisse, pieslegties, prisijung, zaloguj, "
    "logowan, prihlasit, prihlasen, prihlas, bejelentkez, belepes, conecta, autentific, prijav, пријав, најав, вход, "
    "влез, войти, увійти, увайсці, кіру, нэвтр, συνδεσ, εισοδο, giris yap, giris, oturum ac, daxil ol, iniciar ses, "
    "inicia ses, acced, entrar, iniciar sess, acessar, connexion, connect, accedi, accesso, entra, sartu, "
    "تسجيل الدخول, ورود, لاگ ان, התחבר, כניסה, להיכנס, लॉग इन, लॉगिन, साइन इन, লগ ইন, லாகின், உள்நுழை, లాగిన్, "
    "เข้าสู่ระบบ, dang nhap, masuk, log masuk, mag-log in, ingia, 登录, 登錄, 登入, ログイン, サインイン, 로그인, "
    "შესვლ, մուտք",
}

DENY = {
    "all": "if you have not, we recommend, keep my account, changed your mind, cancel, decline, deny, reject, "
    "revoke, undo, block, =report, wasn't you, was not you, wasn't me, was not me, not you?, not me, didn't request, "
    "did not request, didn't ask, did not ask, didn't make, did not make, did not sign up, didn't sign up, "
    "don't allow, do not allow, to stop, don't recognize, don't recognise, do not recognise, do not recognize, "
    "didn't do this, not your account, secure your account, secure my account, locked out, lost access, "
    "if this wasn, if it wasn, if you did not, if you didn, this isn't you, abbrech, stornier, ablehn, widerruf, "
    "nicht angefordert, waren sie das nicht, nicht sie, warst du das nicht, nicht du, sperren, annuleer, annuler, "
    "weiger, was jij dit niet, niet aangevraagd, afwijz, avbryt, neka, avvis, var det inte du, annuller, afvis, "
    "var det ikke dig, var det ikke deg, peruuta, hylkaa, et pyytanyt, tuhista, atcelt, atsauk, anuluj, odrzuc, "
    "to nie ty, jesli to nie, zrusit, odmitn, zrus, odmietn, megse, elutasit, nem te, anulea, refuz, respinge, "
    "nu ai fost, preklic, zavrni, odbij, otkazi, ponisti, откажи, одбиј, отказ, отхвърл, отмен, отклон, не вы, "
    "не запрашивали, скасув, відхил, не ви, не запитув, ακυρ, απορρι, δεν ησασταν, iptal, reddet, siz degilseniz, "
    "rechaz, no has sido tu, no fuiste tu, no solicit, cancela, recus, nao foi voce, nao solicit, refus, annul, "
    "n'etiez pas, n'etes pas, pas a l'origine, rifiut, non sei stato, non hai richiesto, إلغاء, رفض, لم تكن أنت, "
    "لم تطلب, لغو, رد کردن, منسوخ, בטל, ביטול, דחה, לא ביקשת, रद्द, अस्वीकार, বাতিল, ยกเลิก, ปฏิเสธ, huy bo, "
    "tu choi, khong phai ban, batal, tolak, 取消, 拒绝, 拒絕, 非本人, 不是您, キャンセル, 拒否, 辞退, 心当たり, "
    "취소, 거절, 본인이 아, გაუქმ, უარყ",
}

BOILER = {
    "all": "unsubscribe, opt out, opt-out, privacy, terms, =tos, imprint, legal, policies, policy, cookie, help, "
    "support, contact, =faq, docs, documentation, learn more, read more, read the, view in browser, view online, "
    "view this email, web version, preferences, manage, settings, notification, follow us, blog, twitter, facebook, "
    "instagram, linkedin, youtube, tiktok, =x, pinterest, app store, google play, =home, website, feedback, "
    "community, forum, status page, guide, article, abuse, mailto, careers, about us, stop watching, abmeld, "
    "abbestell, datenschutz, impressum, =agb, hilfe, kontakt, mehr erfahren, im browser, einstellungen, afmelden, "
    "uitschrijv, voorwaarden, avregistrera, avsluta prenumeration, integritet, villkor, hjalp, afmeld, privatliv, "
    "betingelser, hjaelp, avmeld, personvern, vilkar, tietosuoja, ehdot, tuki, ohje, peruuta tilaus, privaatsus, "
    "privatum, atrakstit, atsisak, privatumo, pagalba, wypisz, rezygnac, prywatnosc, regulamin, pomoc, "
    "odhlasit odber, soukrom, podmink, napoveda, sukrom, podmienk, leiratkoz, adatvedel, adatkezel, aszf, sugo, "
    "segitseg, dezabon, confidentialit, termeni, ajutor, odjav, zasebnost, pogoji, privatnos, uvjeti, uslovi, отпис, "
    "отказ от, поверит, общи условия, помощ, конфиденциальн, условия, поддержк, справк, відпис, підтримк, довідк, "
    "απεγγραφ, διαγραφη απο, απορρητ, οροι, βοηθεια, επικοινων, abonelikten, gizlilik, sartlar, yardim, destek, "
    "darse de baja, darte de baja, cancelar suscrip, anular suscrip, privacidad, terminos, ayuda, soporte, contacto, "
    "ver en el navegador, saber mas, cancelar inscri, cancelar assinatura, descadastr, privacidade, termos, ajuda, "
    "suporte, contato, saiba mais, desinscri, desabon, se desinscrire, confidentialite, conditions, aide, "
    "assistance, en savoir plus, version en ligne, mentions legales, disiscri, cancella l'iscrizione, informativa, "
    "termini, aiuto, assistenza, contatti, scopri di piu, إلغاء الاشتراك, الخصوصية, الشروط, مساعدة, المساعدة, الدعم, "
    "اتصل, لغو اشتراک, حریم, قوانین, راهنما, پشتیبانی, הסרה, פרטיות, תנאי, עזרה, תמיכה, צור קשר, सदस्यता, गोपनीयता, "
    "शर्तें, सहायता, ยกเลิกการสมัคร, ความเป็นส่วนตัว, ข้อกำหนด, ช่วยเหลือ, ติดต่อ, huy dang ky, rieng tu, "
    "dieu khoan, tro giup, ho tro, lien he, berhenti berlangganan, privasi, ketentuan, bantuan, hubungi, "
    "nyahlanggan, 退订, 退訂, 取消订阅, 隐私, 隱私, 条款, 條款, 帮助, 幫助, 客服, 联系, 聯絡, 在浏览器, 配信停止, "
    "購読解除, プライバシー, 利用規約, ヘルプ, お問い合わせ, ブラウザで, 수신거부, 수신 거부, 개인정보, 이용약관, "
    "도움말, 고객센터, 문의",
}

CLICK = {
    "all": "click, =tap, =below, follow the link, follow this link, press the, button below, link below, visit, "
    "klick, klikk, klik, tryck, tryk, trykk, paina, napsauta, klopsa, vajuta, spied, spausk, kliknij, nacisnij, "
    "klikn, kattints, kattint, apasa, accesati link, kliko, pritisn, клик, кликн, нажм, перейд, натисн, націсн, "
    "κλικ, πατησ, tikla, dugme, basın, clic, pulsa, presiona, enlace, clique, cliqu, cliquez, premi, fai clic, "
    "fare clic, feu clic, sakatu, اضغط, انقر, کلیک, بزنید, לחץ, לחצו, הקלק, क्लिक, ক্লিক, கிளிக், క్లిక్, คลิก, "
    "กดปุ่ม, nhan nut, nhan vao, bam vao, pindutin, bonyeza, 点击, 點擊, 點選, クリック, タップ, 押して, 클릭, 눌러, "
    "დააჭირ, սեղմ, басыңыз, дарна",
}

IGNORE = {
    "all": "ignore, disregard, ignorier, negeer, bortse, se bort, ignorer, ohita, jata huomio, ignoruj, zignoruj, "
    "hagyd figyelmen, hagyja figyelmen, ignora, проигнор, игнорир, ігнор, αγνο, yok say, dikkate alma, goz ardi, "
    "ignorez, تجاهل, نادیده, התעלם, התעלמ, अनदेखा, উপেক্ষা, เพิกเฉย, ละเว้น, bo qua, abaikan, 忽略, 無視, 破棄, "
    "무시, puuza, ignoreeri, ignorejiet, ignoruok, удалите это, видаліть",
}

LOOK = {
    "all": "=view, =see, =look, =read, =browse, =shop, =explore, =discover, =watch, =download, =upgrade, =rate, "
    "=reply, =apply, =track, =review, =buy, =pay, =save, =manage, ansehen, anzeigen, entdeck, weiterlesen, "
    "herunterlad, bekijk, =lees, ontdek, =visa, las mer, se mer, =vis, les mer, laes, katso, =lue, zobacz, czytaj, "
    "sprawdz, zobraz, precist, megnez, megtekint, =vezi, citeste, pogledaj, preberi, виж, прочет, смотр, посмотр, "
    "читать, подробн, перегля, детальн, προβολ, δειτε, διαβαστε, goruntule, incele, =oku, =ver, =leer, descubr, "
    "comprar, descarg, =ler, baixar, =voir, =lire, decouvr, consult, telecharg, vedi, leggi, scopri, scarica, عرض, "
    "مشاهده, הצג, לצפייה, देखें, ดู, =xem, =lihat, =baca, 查看, 查閱, 閲覧, 詳細, 見る, 보기",
}
"""What one clicks to look at something."""

DONE = {
    "all": "=confirmed, =verified, =activated, =approved, unsubscribed, was changed, been changed, changed your, "
    "was updated, been updated, was reset, been reset, was enabled, enabled, disabled, new sign-in, new login, "
    "new log-in, new device, password changed, email changed, successfully, geandert, aktualisiert, neue anmeldung, "
    "gewijzigd, nieuwe aanmelding, andrats, andrat, aendret, endret, vaihdettu, zmieniono, zmienione, zmeneno, "
    "megvaltozott, a fost schimbat, promijenjen, сменена, изменён, изменен, змінено, αλλαξε, degistirildi, "
    "ha cambiado, cambiada, ha sido modificad, alterada, foi alterad, a ete modifie, modifie, cambiata, modificata, "
    "è stata, e stata cambiata, تم تغيير, שונתה, da thay doi, berhasil diubah, 已更改, 已修改, 已变更, "
    "変更されました, 変更完了, 변경되었",
}
"""What a subject says of something that has happened: then a link is for those who did not do it."""

LIVES = {
    "all": "expire, expir, valid, good for, works once, works for, one use, one-time, once, single-use, gultig, "
    "lauft ab, geldig, giltig, galler, gyldig, voimassa, kehtib, deriga, galioja, wazn, wygas, platn, plati, "
    "ervenyes, lejar, expira, valabil, vrijedi, veljav, важи, валиден, истич, действ, истек, діє, дійсн, ισχυ, "
    "ληγει, gecerli, caduc, scade, valid, valable, صالح, ينته, صلاحي, معتبر, منقضی, בתוקף, פג, मान्य, समाप्त, "
    "หมดอายุ, ใช้ได้, hieu luc, het han, berlaku, kedaluwarsa, 有効, 期限, 有效, 过期, 過期, 유효, 만료",
}
"""What is said of how long something can be used."""

IF = {
    "all": "=if, =falls, =wenn, =als, =om, =hvis, =jos, =kui, =ja, =jei, =jesli, =pokud, =ak, =ha, =daca, =ce, "
    "=ako, =если, =якщо, =ако, =αν, =εαν, eger, =si, =se, إذا, اگر, אם, यदि, अगर, যদি, หาก, =neu, =jika, 如果, 如非, "
    "もし, 場合, 경우",
}
"""How a sentence begins that is for some readers only."""
