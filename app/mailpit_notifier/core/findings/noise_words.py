"""Words, by language, beside which a number is no one-time code and a link is no confirmation.

Orders, invoices, bookings, parcels, discounts, phones, postcodes, errors, meetings: `NOISE`. A `NUMBER` is noise as
well, unless one is asked to enter it. See vocabulary.py for the notation.
"""

NOISE = {
    "all": "faktur, factur, fatur, invoic, rabat, rabatt, kupon, coupon, cupon, promo, voucher, telefon, telephon, "
    "ticket, tiket, bilet, total, summa, paket, pakk, rezerv, webinar, *conferenc, *konferen, polis, poliz",
    "en": "order, receipt, booking, reservation, reference, =ref, =pnr, tracking, shipment, parcel, deliver, "
    "discount, gift, reward, bonus, cashback, policy, licence, license, serial, product, barcode, qr code, postcode, "
    "postal, =zip, sort code, swift, =iban, =vat, phone, =tel, hotline, =fax, extension, error, failed, webhook, "
    "exit code, status, http, build, version, release, commit, request id, session, incident, monitor, transaction, "
    "=txn, amount, balance, ending, =nr, meeting, conference, dial, seat, gate, flight, room, key box, lockbox, "
    "gate code, pickup, pick-up, driver, wi-fi, wifi, network key, backup, recovery codes, category, source code, "
    "phishing, dress code, country code, area code, payment, refund, withdraw, code of conduct, epp, merchant, "
    "=case, sku, model, authorization code, authorisation code, approval code, points, redeem, referral, "
    "refer, invite friend, invite your, invite code, claim, survey, appointment, sequence, account number, job, "
    "branch, pull request, merge, copyright, =form, =row, =call, =tax, =event, =train, collect by, =no., "
    "customer no, customer number, customer id, client id, client number, member no, member number, membership, "
    "company no, company number, issue #, user id, userid, account id, device id, player id, patient id, student id, "
    "employee id, door code, your id number, isin, cusip, checkout, spend, offer, fixture, plate, class code, trip, "
    "checksum, code review, coding, interview, rsvp, locker, maintenance, box code, keybox, check-in, "
    "sign-ups, signups, sign ups",
    "de": "bestell, auftrag, rechnung, beleg, buchung, reservier, sendung, liefer, gutschein, aktionscode, "
    "mitglied, vertrag, seriennummer, artikel, postleitzahl, =plz, steuer, durchwahl, fehler, vorgang, referenz, "
    "betrag, summe, zeichen, konferenz, besprech, abhol, zimmer, lizenz, kontonummer, =blz, freigabe, fassung, "
    "aktenzeichen, storno, einlos, haustur, ust-id, kundennr, kundenkennung, schließfach, turcode, =wlan",
    "nl": "bestel, factuur, boeking, reserver, zending, bezorg, korting, cadeau, klant, lidmaat, postcode, =kvk, "
    "btw, telefoon, foutcode, bedrag, totaal, vergader, afhaal, actiecode, kaartje, deurcode, kluis",
    "sv": "bestallning, order, bokning, leverans, presentkort, medlem, postnummer, felkod, belopp, mote, hamta, "
    "arende, biljett, portkod, kampanj, =moms, kundnr",
    "da": "ordre, bestilling, booking, levering, gavekort, medlem, postnr, =cvr, moms, fejl, belob, afhent, "
    "billet, tilbud, kundenr, dorkod",
    "no": "ordre, bestilling, booking, levering, gavekort, medlem, postnr, mva, feilkode, belop, mote, hente, "
    "billett, tilbud, kundenr, dorkod",
    "is": "pontun, reikning, bokun, sending, afslatt, vidskiptav, kennital, =simi",
    "fi": "tilaus, lasku, varaus, lahetys, toimitus, alennus, lahjakort, asiakas, jasen, postinumero, y-tunnus, "
    "=alv, puhelin, virhe, yhteensa, kokous, nouto, lippu, tarjous, viite, ovikood",
    "et": "tellimus, arve, broneering, saadetis, soodus, klient, postiindeks, kaibemaks, viga, kokku, pilet",
    "lv": "pasutijum, rekin, sutijum, atlaid, klient, =nr, pasta indekss, talrunis, talr, kopa, =pvn, kluda, =reg, "
    "=paka",
    "lt": "uzsakym, saskait, siunt, nuolaid, klient, =nr, pasto kodas, suma, is viso, biliet, imones kod, klaida",
    "pl": "zamow, zgloszen, rezerwac, przesyl, paczk, klient, =nr, pocztow, =nip, =regon, =tel, blad, bledu, kwot, "
    "suma, razem, spotkan, odbior, zlecen, paragon, znizk, umow, bon rabat, bon podar, nr konta",
    "cs": "objednav, zasil, balik, slev, poukaz, zakazni, psc, =ico, =dic, chyb, castk, celkem, symbol, schuz, "
    "vyzved, jizdenk, vstupenk, smlouv, =c.",
    "sk": "objednav, zasiel, balik, zlav, poukaz, zakaznic, psc, =ico, =dic, chyb, suma, spolu, symbol, stretnut, "
    "vyzdvih, listok, zmluv",
    "hu": "rendeles, szamla, foglalas, csomag, szallit, kedvezmeny, ugyfel, iranyitoszam, adoszam, hiba, osszeg, "
    "fizetend, talalkoz, atvetel, ajandek, utalvany, akcio, =jegy, jegyszam, =jegyed",
    "ro": "comand, colet, livrar, reducer, client, =nr, postal, =cui, =cif, eroare, suma, sedint, intalnir, "
    "ridicar, awb, contract",
    "sq": "porosi, zbritj, shuma",
    "sl": "narocil, racun, posilj, popust, postna, davcna, napak, znesek, skupaj, vstopnic",
    "hr": "narudzb, racun, posilj, popust, kupac, =br, postansk, =oib, =pib, gresk, iznos, ukupno, karta, ulaznic, "
    "sastanak, preuzim",
    "sr": "поруџбин, рачун, резервац, пошиљ, пакет, попуст, купон, =бр, поштанск, =пиб, телефон, грешк, износ, "
    "укупно, карта",
    "mk": "нарачк, фактур, резервац, пратк, попуст, телефон, износ, вкупно",
    "bg": "поръчк, фактур, резервац, пратк, доставк, отстъпк, промо, ваучер, клиент, =ном, пощенск, =еик, =егн, "
    "телефон, =тел, грешк, сума, общо, билет, среща, купон",
    "ru": "заказ, счет, счёт, бронир, брон, посылк, достав, трек, скидк, промокод, промо, купон, сертификат, "
    "клиент, индекс, =инн, =кпп, телефон, =тел, ошибк, сумм, итого, билет, встреч, конференц, выдач, получения, "
    "артикул, договор, заявк, обращени, квитанц, чек, версии, версия, лиценз, карт",
    "uk": "замовлен, рахун, бронюв, посилк, достав, трек, знижк, промокод, купон, клієнт, індекс, =єдрпоу, "
    "телефон, =тел, помилк, сума, разом, квиток, зустріч, видач, договір, заявк, ттн, накладн",
    "be": "заказ, замов, рахун, тэлефон, зніжк",
    "kk": "тапсырыс, шот, телефон, жеңілдік, сома",
    "mn": "захиалг, нэхэмжлэх, утас, хөнгөлөлт",
    "el": "παραγγελι, τιμολογι, κρατησ, αποστολ, δεμα, εκπτωσ, κουπονι, προσφορ, πελατ, =αφμ, ταχυδρομικ, τηλεφων, "
    "=τηλ, σφαλμα, ποσο, συνολο, εισιτηρι, συναντησ, παραλαβ, δωρο",
    "tr": "siparis, kargo, gonderi, teslimat, indirim, kampanya, musteri, posta kodu, vergi, =tel, hata, tutar, "
    "toplam, toplanti, hediye, takip, urun, sozlesme, mersis, =no., =no:, kapi kod",
    "az": "sifaris, endirim, mebleg",
    "es": "recibo, reserva, paquete, descuento, cliente, socio, =num, postal, =nif, =cif, =rfc, =tel, error, "
    "importe, saldo, entrada, billete, boleto, reunion, recogida, seguimiento, referencia, localizador, regalo, "
    "barras, expediente, matricula, caja, tu pedido, su pedido, de pedido, del pedido, pedido n, pedido #, "
    "pedido confirm, =orden de, =n., nº, n°, n.º, numero de envio",
    "pt": "encomenda, recibo, reserva, entrega, desconto, cupom, cupao, cliente, =num, postal, =cep, =nif, =cpf, "
    "=cnpj, =tel, erro, valor, saldo, bilhete, ingresso, reuniao, levantamento, rastreio, rastreamento, pagador, "
    "boleto, referencia, protocolo, nota fiscal, barras, contrato, retirada, seu pedido, do pedido, pedido n, =n., "
    "vale-presente",
    "fr": "commande, reserv, expedition, colis, livraison, remise, reduction, bon d, client, adherent, postal, "
    "siret, siren, tva, =tel, erreur, montant, solde, billet, reunion, retrait, suivi, dossier, reference, cadeau, "
    "digicode, contrat, avantage, cheque, n°, nº, no de, recu de paiement",
    "it": "ordine, ordini, fattura, ricevuta, prenotaz, spedizion, pacco, consegna, sconto, cliente, =nr, postale, "
    "=cap, fiscale, partita iva, =tel, errore, importo, saldo, biglietto, riunione, ritiro, tracciamento, pratica, "
    "riferimento, regalo, =iban, tessera, =cod fiscale, catastale, =n., n°, nº, buono scont, buono regalo",
    "ca": "comanda, reserva, enviament, descompte, client, postal, entrada, cupo",
    "gl": "pedido, desconto",
    "eu": "eskaera, erreserba, deskontu",
    "ar": "فاتورة, الفاتورة, حجز, الحجز, شحن, الشحنة, خصم, الخصم, قسيمة, كوبون, البريدي, هاتف, الهاتف, خطأ, "
    "المبلغ, الإجمالي, تذكرة, اجتماع, ضريب, توصيل, عميل, ترويجي, طلبك, رقم الطلب, الطلبية, طلبية",
    "fa": "سفارش, فاکتور, رزرو, مرسوله, پیگیری, تخفیف, کد پستی, پستی, تلفن, خطا, مبلغ, جمع, بلیط, جلسه, قرعه, "
    "مشتری, ملی",
    "ur": "آرڈر, انوائس, بکنگ, رعایت, فون, رقم, ٹکٹ, پوسٹل, کوپن",
    "he": "הזמנה, הזמנתך, חשבונית, קבלה, משלוח, חבילה, הנחה, קופון, מיקוד, טלפון, שגיאה, סכום, כרטיס, פגישה, ח.פ, "
    "לקוח, מבצע, שובר, ספק, תיק, פוליסה",
    "hi": "ऑर्डर, आदेश, चालान, इनवॉइस, बुकिंग, छूट, कूपन, प्रोमो, पिन कोड, फोन, फ़ोन, राशि, कुल, टिकट, ट्रैकिंग, ग्राहक, त्रुटि",
    "bn": "অর্ডার, চালান, বুকিং, ছাড়, কুপন, ফোন, মোট, টিকিট, পরিমাণ, ট্র্যাকিং",
    "mr": "ऑर्डर, सवलत",
    "pa": "ਆਰਡਰ, ਛੋਟ",
    "gu": "ઓર્ડર, છૂટ",
    "ta": "ஆர்டர், தள்ளுபடி, தொலைபேசி, மொத்த, முன்பதிவு, கூப்பன்",
    "te": "ఆర్డర్, తగ్గింపు, మొత్తం",
    "kn": "ಆರ್ಡರ್, ರಿಯಾಯಿತಿ",
    "ml": "ഓർഡർ, കിഴിവ്",
    "th": "คำสั่งซื้อ, ใบแจ้งหนี้, ใบเสร็จ, การจอง, จอง, พัสดุ, จัดส่ง, ส่วนลด, คูปอง, เลขที่, ไปรษณีย์, โทร, "
    "ข้อผิดพลาด, ยอด, ตั๋ว, ประชุม, ลูกค้า, โปรโมชั่น",
    "vi": "don hang, hoa don, dat cho, dat phong, van don, giao hang, giam gia, khuyen mai, uu dai, so dien thoai, "
    "hotline, ma buu, so tien, khach hang, cuoc hop, quà tặng, ma so thue, so hieu, =loi, =tong, ma don, ma giam, "
    "ma van don, ma so ve",
    "id": "pesanan, tagihan, pemesanan, reservasi, pengiriman, diskon, pelanggan, kode pos, telepon, =telp, "
    "kesalahan, jumlah, rapat, pengambilan, referral, hadiah, struk, =resi, =no.",
    "ms": "pesanan, invois, tempahan, penghantaran, diskaun, baucar, poskod, ralat, jumlah, mesyuarat",
    "tl": "order, resibo, diskwento, telepono, kabuuan",
    "sw": "agizo, ankara, punguzo, nambari ya agizo, jumla, =simu",
    "af": "bestelling, faktuur, afslag, bespreking",
    "zh": "订单, 訂單, 发票, 發票, 预订, 預訂, 快递, 快遞, 物流, 运单, 單號, 单号, 优惠, 優惠, 折扣, 兑换, 兌換, "
    "礼品, 编号, 編號, 邮编, 郵編, 邮政, 郵遞, 电话, 電話, 客服, 错误, 錯誤, 金额, 金額, 合计, 合計, 总计, 票, 会议, "
    "會議, 取件, 取餐, 客户, 会员号, 税号, 余额, 尾号, 專線, 热线, 门禁, 門禁",
    "ja": "注文, 請求, 領収, 予約, 配送, 荷物, 伝票, 追跡, 割引, クーポン, プロモ, お客様番号, 会員番号, 郵便, 〒, "
    "電話, エラー, 金額, 合計, 円, 会議, チケット, 整理券, 受取, ギフト, 受付, 問い合わせ番号, 管理番号, 口座, 座席, "
    "キャンペーン, 商品, ドア",
    "ko": "주문, 송장, 영수증, 예약, 배송, 택배, 운송장, 할인, 쿠폰, 프로모션, 고객번호, 회원번호, 우편, 전화, "
    "오류, 에러, 금액, 합계, 회의, 티켓, 픽업, 상품, 사업자, 계좌, 접수, 상담, 문의",
    "ka": "შეკვეთ, ინვოის, ჯავშ, ფასდაკლ, ტელეფონ, თანხა, ჯამი, ბილეთ",
    "hy": "պատվեր, հաշիվ, զեղչ, հեռախոս, գումար",
    "am": "ትዕዛዝ, ቅናሽ, ስልክ",
}

NUMBER = {
    "en": "number, =codes",
    "de": "*nummer",
    "nl": "*nummer",
    "sv": "*nummer",
    "da": "*nummer",
    "no": "*nummer",
    "is": "numer",
    "fi": "*numero",
    "et": "number",
    "lv": "numurs",
    "lt": "numeris",
    "pl": "numer",
    "cs": "cislo",
    "sk": "cislo",
    "hu": "*szam",
    "ro": "numar",
    "sq": "numri",
    "sl": "stevilk",
    "hr": "broj",
    "sr": "број",
    "mk": "број",
    "bg": "номер",
    "ru": "номер",
    "uk": "номер",
    "be": "нумар",
    "kk": "нөмір",
    "mn": "дугаар",
    "el": "αριθμο",
    "tr": "numara",
    "az": "nomre",
    "es": "numero",
    "pt": "numero",
    "fr": "numero",
    "it": "numero",
    "ca": "numero",
    "gl": "numero",
    "eu": "zenbaki",
    "ar": "رقم",
    "fa": "شماره",
    "ur": "نمبر",
    "he": "מספר",
    "hi": "नंबर, संख्या",
    "bn": "নম্বর",
    "mr": "क्रमांक",
    "pa": "ਨੰਬਰ",
    "gu": "નંબર",
    "ta": "எண்",
    "te": "నంబర్",
    "kn": "ಸಂಖ್ಯೆ",
    "ml": "നമ്പർ",
    "th": "หมายเลข",
    "id": "nomor",
    "ms": "nombor",
    "tl": "numero",
    "sw": "nambari",
    "af": "nommer",
    "zh": "号码, 號碼",
    "ka": "ნომერ",
    "hy": "համար",
    "am": "ቁጥር",
}

PLAIN = {
    "en": "=the, =you, =your, =this, =and, =from, =with, =test mail, =test email, =test message",
}
"""Words of the language that most mails are in: with one of them a mail is not in an unknown language."""
