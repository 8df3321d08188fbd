<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name></name>
    <message numerus="yes">
        <source>{address} and %n more</source>
        <translation>
            <numerusform>{address} und %n weiterer</numerusform>
            <numerusform>{address} und %n weitere</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>To {address} and %n more</source>
        <translation>
            <numerusform>An {address} und %n weiteren</numerusform>
            <numerusform>An {address} und %n weitere</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n messages while paused</source>
        <translation>
            <numerusform>%n Nachricht während der Pause</numerusform>
            <numerusform>%n Nachrichten während der Pause</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n messages while you were away</source>
        <translation>
            <numerusform>%n Nachricht in Ihrer Abwesenheit</numerusform>
            <numerusform>%n Nachrichten in Ihrer Abwesenheit</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n messages while muted</source>
        <translation>
            <numerusform>%n Nachricht während der Stummschaltung</numerusform>
            <numerusform>%n Nachrichten während der Stummschaltung</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n messages while {server} was muted</source>
        <translation>
            <numerusform>%n Nachricht, während {server} stumm war</numerusform>
            <numerusform>%n Nachrichten, während {server} stumm war</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n new messages</source>
        <translation>
            <numerusform>%n neue Nachricht</numerusform>
            <numerusform>%n neue Nachrichten</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Mailpit rejected %n messages</source>
        <translation>
            <numerusform>Mailpit hat %n Nachricht abgelehnt</numerusform>
            <numerusform>Mailpit hat %n Nachrichten abgelehnt</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>It has %n messages. The next one will appear like this.</source>
        <translation>
            <numerusform>Es hat %n Nachricht. Die nächste wird so angezeigt.</numerusform>
            <numerusform>Es hat %n Nachrichten. Die nächste wird so angezeigt.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Age</name>
    <message>
        <source>now</source>
        <translation>jetzt</translation>
    </message>
    <message>
        <source>{0} min</source>
        <translation>{0} min</translation>
    </message>
    <message>
        <source>{0} h</source>
        <translation>{0} h</translation>
    </message>
    <message>
        <source>{0} d</source>
        <translation>{0} T</translation>
    </message>
    <message>
        <source>just now</source>
        <translation>gerade eben</translation>
    </message>
    <message>
        <source>1 minute ago</source>
        <translation>vor 1 Minute</translation>
    </message>
    <message>
        <source>{0} minutes ago</source>
        <translation>vor {0} Minuten</translation>
    </message>
    <message>
        <source>1 hour ago</source>
        <translation>vor 1 Stunde</translation>
    </message>
    <message>
        <source>{0} hours ago</source>
        <translation>vor {0} Stunden</translation>
    </message>
    <message>
        <source>1 day ago</source>
        <translation>vor 1 Tag</translation>
    </message>
    <message>
        <source>{0} days ago</source>
        <translation>vor {0} Tagen</translation>
    </message>
</context>
<context>
    <name>CertificateDialog</name>
    <message>
        <source>Certificate of {0}</source>
        <translation>Zertifikat von {0}</translation>
    </message>
    <message>
        <source>&amp;Trust this certificate</source>
        <translation>Diesem Zertifikat &amp;vertrauen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Warning: this is not the certificate that you trusted for {0}. Either the server has a new one, or another computer intercepts the connection and could read your password and your messages.</source>
        <translation>Warnung: Dies ist nicht das Zertifikat, dem Sie für {0} vertraut haben. Entweder hat der Server ein neues, oder ein anderer Rechner hört die Verbindung ab und könnte Ihr Passwort und Ihre Nachrichten lesen.</translation>
    </message>
    <message>
        <source>Valid from</source>
        <translation>Gültig ab</translation>
    </message>
    <message>
        <source>Valid until</source>
        <translation>Gültig bis</translation>
    </message>
    <message>
        <source>Previously trusted</source>
        <translation>Bisher vertraut</translation>
    </message>
    <message>
        <source>(empty)</source>
        <translation>(leer)</translation>
    </message>
    <message>
        <source>This certificate is not signed by a trusted authority. Compare its fingerprint with the server&apos;s before you trust it. Only this certificate will be accepted for {0}.</source>
        <translation>Dieses Zertifikat ist von keiner vertrauenswürdigen Stelle signiert. Vergleichen Sie seinen Fingerabdruck mit dem des Servers, bevor Sie ihm vertrauen. Für {0} wird nur dieses Zertifikat akzeptiert.</translation>
    </message>
    <message>
        <source>Issued to</source>
        <translation>Ausgestellt für</translation>
    </message>
    <message>
        <source>Issued by</source>
        <translation>Ausgestellt von</translation>
    </message>
    <message>
        <source>SHA-256</source>
        <translation>SHA-256</translation>
    </message>
</context>
<context>
    <name>ClosePrompt</name>
    <message>
        <source>Keep running in the background? There is no tray icon here; start the program again to reopen this window. On GNOME, the AppIndicator extension adds a tray.</source>
        <translation>Im Hintergrund weiterlaufen? Hier gibt es kein Tray-Symbol; starten Sie das Programm erneut, um dieses Fenster wieder zu öffnen. Unter GNOME ergänzt die AppIndicator-Erweiterung einen Tray.</translation>
    </message>
    <message>
        <source>Keep running</source>
        <translation>Weiterlaufen lassen</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
</context>
<context>
    <name>CommandLine</name>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Kopiert</translation>
    </message>
</context>
<context>
    <name>CopyWindow</name>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Press Enter to copy {code}.</source>
        <translation>Drücken Sie die Eingabetaste, um {code} zu kopieren.</translation>
    </message>
    <message>
        <source>Copy {code}</source>
        <translation>{code} kopieren</translation>
    </message>
    <message>
        <source>Copied {code}.</source>
        <translation>{code} wurde kopiert.</translation>
    </message>
</context>
<context>
    <name>DiagnosticsPage</name>
    <message>
        <source>Diagnostics</source>
        <translation>Diagnose</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>Bericht</translation>
    </message>
    <message>
        <source>&amp;Copy report</source>
        <translation>Bericht &amp;kopieren</translation>
    </message>
    <message>
        <source>&amp;Refresh</source>
        <translation>&amp;Aktualisieren</translation>
    </message>
    <message>
        <source>Open l&amp;og file</source>
        <translation>&amp;Protokolldatei öffnen</translation>
    </message>
    <message>
        <source>Contains server names and addresses, but no passwords or messages.</source>
        <translation>Enthält Namen und Adressen der Server, aber keine Passwörter oder Nachrichten.</translation>
    </message>
    <message>
        <source>Report updated: no problem found</source>
        <translation>Bericht aktualisiert: kein Problem gefunden</translation>
    </message>
    <message>
        <source>Report updated: 1 problem found</source>
        <translation>Bericht aktualisiert: 1 Problem gefunden</translation>
    </message>
    <message>
        <source>Report updated: {0} problems found</source>
        <translation>Bericht aktualisiert: {0} Probleme gefunden</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Kopiert</translation>
    </message>
    <message>
        <source>Open con&amp;figuration file</source>
        <translation>K&amp;onfigurationsdatei öffnen</translation>
    </message>
</context>
<context>
    <name>EntryList</name>
    <message>
        <source>&amp;Add</source>
        <translation>&amp;Hinzufügen</translation>
    </message>
    <message>
        <source>&amp;Remove</source>
        <translation>&amp;Entfernen</translation>
    </message>
    <message>
        <source>Move u&amp;p</source>
        <translation>Nach &amp;oben</translation>
    </message>
    <message>
        <source>Move do&amp;wn</source>
        <translation>Na&amp;ch unten</translation>
    </message>
    <message>
        <source>Moved to position {0} of {1}</source>
        <translation>Verschoben auf Platz {0} von {1}</translation>
    </message>
</context>
<context>
    <name>Fault</name>
    <message>
        <source>its host name cannot be resolved. Check the spelling and the network.</source>
        <translation>der Name lässt sich nicht auflösen. Prüfen Sie Schreibweise und Netzwerk.</translation>
    </message>
    <message>
        <source>nothing is listening there. Start Mailpit or check the port.</source>
        <translation>dort antwortet nichts. Starten Sie Mailpit oder prüfen Sie den Port.</translation>
    </message>
    <message>
        <source>it does not answer.</source>
        <translation>keine Antwort.</translation>
    </message>
    <message>
        <source>the secure connection failed. Check its certificate and the https address.</source>
        <translation>die sichere Verbindung kam nicht zustande. Prüfen Sie das Zertifikat und die https-Adresse.</translation>
    </message>
    <message>
        <source>the certificates in {0} cannot be read. Check ca_file in config.toml.</source>
        <translation>die Zertifikate in {0} können nicht gelesen werden. Prüfen Sie ca_file in config.toml.</translation>
    </message>
    <message>
        <source>this port does not use https. Change its address to {0}.</source>
        <translation>dieser Port verwendet kein https. Ändern Sie die Adresse in {0}.</translation>
    </message>
    <message>
        <source>it requires https. Change its address to {0}.</source>
        <translation>der Server verlangt https. Ändern Sie die Adresse in {0}.</translation>
    </message>
    <message>
        <source>its certificate is not the one that you trusted. The connection may be intercepted.</source>
        <translation>das Zertifikat ist nicht das, dem Sie vertraut haben. Die Verbindung wird vielleicht abgehört.</translation>
    </message>
    <message>
        <source>it requires a client certificate, which is not supported.</source>
        <translation>der Server verlangt ein Client-Zertifikat. Das wird nicht unterstützt.</translation>
    </message>
    <message>
        <source>the proxy refuses the connection. Check HTTP_PROXY and NO_PROXY.</source>
        <translation>der Proxy lehnt die Verbindung ab. Prüfen Sie HTTP_PROXY und NO_PROXY.</translation>
    </message>
    <message>
        <source>the proxy wants a user name and password. Put them into the proxy&apos;s address: http://user:password@proxy.example:3128/.</source>
        <translation>der Proxy verlangt Benutzername und Passwort. Tragen Sie beides in die Adresse des Proxys ein: http://benutzer:passwort@proxy.example:3128/.</translation>
    </message>
    <message>
        <source>the proxy requires {0} authentication. This program can only use Basic authentication.</source>
        <translation>der Proxy verlangt Anmeldung mit {0}. Dieses Programm beherrscht nur die Basic-Anmeldung.</translation>
    </message>
    <message>
        <source>the proxy {0} cannot be reached. Check HTTP_PROXY and NO_PROXY.</source>
        <translation>der Proxy {0} ist nicht erreichbar. Prüfen Sie HTTP_PROXY und NO_PROXY.</translation>
    </message>
    <message>
        <source>the proxy cannot connect to it. Start Mailpit, or list this host in NO_PROXY to connect directly.</source>
        <translation>der Proxy kann sich nicht mit ihm verbinden. Starten Sie Mailpit, oder tragen Sie diesen Host in NO_PROXY ein, um sich direkt zu verbinden.</translation>
    </message>
    <message>
        <source>{0} names a SOCKS proxy, which is not supported. Use an HTTP proxy, or list this host in NO_PROXY.</source>
        <translation>{0} nennt einen SOCKS-Proxy. Das wird nicht unterstützt. Verwenden Sie einen HTTP-Proxy, oder tragen Sie diesen Host in NO_PROXY ein.</translation>
    </message>
    <message>
        <source>authentication failed (401). Check user name and password.</source>
        <translation>die Anmeldung ist fehlgeschlagen (401). Prüfen Sie Benutzernamen und Passwort.</translation>
    </message>
    <message>
        <source>it requires {0} authentication. This program can only use Basic authentication.</source>
        <translation>der Server verlangt Anmeldung mit {0}. Dieses Programm beherrscht nur die Basic-Anmeldung.</translation>
    </message>
    <message>
        <source>a log-in page answers. This program can only use Basic authentication.</source>
        <translation>eine Anmeldeseite antwortet. Dieses Programm beherrscht nur die Basic-Anmeldung.</translation>
    </message>
    <message>
        <source>no answer from the secret store or the password command. It may be waiting for you to unlock it.</source>
        <translation>keine Antwort vom Schlüsselbund oder vom Passwortbefehl. Vielleicht wartet er darauf, dass Sie ihn entsperren.</translation>
    </message>
    <message>
        <source>{0} gives no password. Check it in config.toml.</source>
        <translation>{0} liefert kein Passwort. Prüfen Sie dies in config.toml.</translation>
    </message>
    <message>
        <source>its password would be sent unencrypted. Use https, or allow it with plain_password in config.toml.</source>
        <translation>das Passwort würde unverschlüsselt gesendet. Verwenden Sie https, oder erlauben Sie es mit plain_password in config.toml.</translation>
    </message>
    <message>
        <source>it refuses this connection (403). Check its CORS and access settings.</source>
        <translation>der Server weist diese Verbindung ab (403). Prüfen Sie seine CORS- und Zugriffseinstellungen.</translation>
    </message>
    <message>
        <source>it redirects to {0}. If that is your Mailpit, enter that address.</source>
        <translation>der Server leitet weiter zu {0}. Wenn das Ihr Mailpit ist, geben Sie diese Adresse ein.</translation>
    </message>
    <message>
        <source>too many requests for it (429). New messages may be shown late.</source>
        <translation>zu viele Anfragen für ihn (429). Neue Nachrichten werden vielleicht verspätet angezeigt.</translation>
    </message>
    <message>
        <source>it reports an error of its own ({0}). This usually passes.</source>
        <translation>der Server meldet einen eigenen Fehler ({0}). Das geht meist vorüber.</translation>
    </message>
    <message>
        <source>live updates are cut off after {0}; checking every few seconds. A proxy in front of Mailpit may have a short timeout.</source>
        <translation>Live-Aktualisierungen werden nach {0} abgebrochen; es wird alle paar Sekunden nachgesehen. Vielleicht hat ein Proxy vor Mailpit ein kurzes Zeitlimit.</translation>
    </message>
    <message>
        <source>live updates do not get through in time; checking every few seconds. A proxy in front of Mailpit may hold them back.</source>
        <translation>Live-Aktualisierungen kommen nicht rechtzeitig an; es wird alle paar Sekunden nachgesehen. Vielleicht hält ein Proxy vor Mailpit sie zurück.</translation>
    </message>
    <message>
        <source>new messages are shown, but the list cannot be read and may be out of date. A proxy in front of Mailpit may change its answers.</source>
        <translation>neue Nachrichten werden gezeigt, aber die Liste lässt sich nicht lesen und ist vielleicht veraltet. Möglicherweise verändert ein Proxy vor Mailpit dessen Antworten.</translation>
    </message>
    <message>
        <source>the program that answers there is not Mailpit. Check the address.</source>
        <translation>das Programm, das dort antwortet, ist nicht Mailpit. Prüfen Sie die Adresse.</translation>
    </message>
    <message>
        <source>it rejects this request: {0}.</source>
        <translation>der Server lehnt diese Anfrage ab: {0}.</translation>
    </message>
    <message>
        <source>this version of Mailpit cannot receive messages in this way. Update Mailpit.</source>
        <translation>diese Version von Mailpit kann auf diesem Weg keine Nachrichten empfangen. Aktualisieren Sie Mailpit.</translation>
    </message>
    <message>
        <source>http://…</source>
        <translation>http://…</translation>
    </message>
    <message>
        <source>https://…</source>
        <translation>https://…</translation>
    </message>
    <message>
        <source>another address</source>
        <translation>einer anderen Adresse</translation>
    </message>
    <message>
        <source>another kind of</source>
        <translation>einem anderen Verfahren</translation>
    </message>
    <message>
        <source>of the settings</source>
        <translation>aus den Einstellungen</translation>
    </message>
    <message>
        <source>the proxy setting</source>
        <translation>Die Proxy-Einstellung</translation>
    </message>
    <message>
        <source>its setting</source>
        <translation>die Einstellung</translation>
    </message>
    <message>
        <source>its file</source>
        <translation>der angegebenen Datei</translation>
    </message>
    <message>
        <source>status 5xx</source>
        <translation>Status 5xx</translation>
    </message>
    <message>
        <source>status 400</source>
        <translation>Status 400</translation>
    </message>
    <message>
        <source>a few seconds</source>
        <translation>wenigen Sekunden</translation>
    </message>
    <message>
        <source>no Mailpit at this address (404). Check the path (webroot).</source>
        <translation>kein Mailpit unter dieser Adresse (404). Prüfen Sie den Pfad (webroot).</translation>
    </message>
    <message>
        <source>{0} is not the address of an HTTP proxy, such as http://proxy.example:3128/.</source>
        <translation>{0} ist nicht die Adresse eines HTTP-Proxys, wie zum Beispiel http://proxy.example:3128/.</translation>
    </message>
    <message>
        <source>live updates are blocked. A proxy in front of Mailpit may block WebSockets.</source>
        <translation>Live-Updates sind blockiert. Vielleicht blockiert ein Proxy vor Mailpit WebSockets.</translation>
    </message>
    <message>
        <source>it is stopped.</source>
        <translation>der Server ist angehalten.</translation>
    </message>
    <message>
        <source>the connection was lost.</source>
        <translation>die Verbindung ist abgebrochen.</translation>
    </message>
</context>
<context>
    <name>FirstStart</name>
    <message>
        <source>The servers were not saved</source>
        <translation>Die Server wurden nicht gespeichert</translation>
    </message>
    <message>
        <source>The demo did not start</source>
        <translation>Die Demo ist nicht gestartet</translation>
    </message>
    <message>
        <source>This is a demo. It ends when you quit.</source>
        <translation>Dies ist eine Demo. Sie endet, wenn Sie das Programm beenden.</translation>
    </message>
</context>
<context>
    <name>Fold</name>
    <message>
        <source>expanded</source>
        <translation>aufgeklappt</translation>
    </message>
    <message>
        <source>collapsed</source>
        <translation>zugeklappt</translation>
    </message>
</context>
<context>
    <name>Footer</name>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>Undo the last deletion (Ctrl+Z)</source>
        <translation>Letztes Löschen rückgängig machen (Strg+Z)</translation>
    </message>
    <message>
        <source>Mark all as read</source>
        <translation>Alle als gelesen markieren</translation>
    </message>
    <message>
        <source>Deleted: {0} (and {1} more)</source>
        <translation>Gelöscht: {0} (und {1} weitere)</translation>
    </message>
    <message>
        <source>Deleted: {0}</source>
        <translation>Gelöscht: {0}</translation>
    </message>
    <message>
        <source>{0} of {1} connected</source>
        <translation>{0} von {1} verbunden</translation>
    </message>
    <message>
        <source>Connected without live updates</source>
        <translation>Verbunden, ohne Live-Updates</translation>
    </message>
    <message>
        <source>Not connected</source>
        <translation>Nicht verbunden</translation>
    </message>
    <message>
        <source>Connected, but the message list cannot be read</source>
        <translation>Verbunden, aber die Nachrichtenliste ist nicht lesbar</translation>
    </message>
    <message>
        <source>Connected</source>
        <translation>Verbunden</translation>
    </message>
    <message>
        <source>Connecting</source>
        <translation>Verbindungsaufbau</translation>
    </message>
</context>
<context>
    <name>GeneralPage</name>
    <message>
        <source>General</source>
        <translation>Allgemein</translation>
    </message>
    <message>
        <source>&amp;Start when I log in</source>
        <translation>Beim Anmelden &amp;starten</translation>
    </message>
    <message>
        <source>Tray icon style</source>
        <translation>Stil des Symbols</translation>
    </message>
    <message>
        <source>Match desktop</source>
        <translation>Wie der Desktop</translation>
    </message>
    <message>
        <source>For light panels</source>
        <translation>Für helle Leisten</translation>
    </message>
    <message>
        <source>For dark panels</source>
        <translation>Für dunkle Leisten</translation>
    </message>
    <message>
        <source>Badge shows</source>
        <translation>Zahl am Symbol</translation>
    </message>
    <message>
        <source>New messages since you last looked</source>
        <translation>Neue Nachrichten seit dem letzten Ansehen</translation>
    </message>
    <message>
        <source>All unread messages</source>
        <translation>Alle ungelesenen Nachrichten</translation>
    </message>
    <message>
        <source>Nothing</source>
        <translation>Nichts</translation>
    </message>
    <message>
        <source>Left click</source>
        <translation>Linksklick</translation>
    </message>
    <message>
        <source>Middle click</source>
        <translation>Mittelklick</translation>
    </message>
    <message>
        <source>Double click</source>
        <translation>Doppelklick</translation>
    </message>
    <message>
        <source>Keep &amp;above other windows</source>
        <translation>Immer im &amp;Vordergrund</translation>
    </message>
    <message>
        <source>&amp;Hide when it loses focus</source>
        <translation>&amp;Ausblenden, wenn ein anderes Fenster aktiv wird</translation>
    </message>
    <message>
        <source>Show or hide recent messages</source>
        <translation>Neueste Nachrichten ein- oder ausblenden</translation>
    </message>
    <message>
        <source>Open the menu</source>
        <translation>Menü öffnen</translation>
    </message>
    <message>
        <source>Open Mailpit</source>
        <translation>Mailpit öffnen</translation>
    </message>
    <message>
        <source>Open the newest message</source>
        <translation>Neueste Nachricht öffnen</translation>
    </message>
    <message>
        <source>Do nothing</source>
        <translation>Nichts tun</translation>
    </message>
    <message>
        <source>Start-up</source>
        <translation>Start</translation>
    </message>
    <message>
        <source>Starts in the tray with its window hidden. Start the program again to show the window.</source>
        <translation>Startet mit verborgenem Fenster in der Leiste. Starten Sie das Programm noch einmal, um das Fenster zu zeigen.</translation>
    </message>
    <message>
        <source>Tray icon</source>
        <translation>Symbol in der Leiste</translation>
    </message>
    <message>
        <source>Tray icon st&amp;yle</source>
        <translation>Stil des S&amp;ymbols</translation>
    </message>
    <message>
        <source>&amp;Badge shows</source>
        <translation>&amp;Zahl am Symbol</translation>
    </message>
    <message>
        <source>Recent messages window</source>
        <translation>Fenster „Neueste Nachrichten“</translation>
    </message>
    <message>
        <source>Le&amp;ft click</source>
        <translation>L&amp;inksklick</translation>
    </message>
    <message>
        <source>&amp;Middle click</source>
        <translation>&amp;Mittelklick</translation>
    </message>
    <message>
        <source>&amp;Double click</source>
        <translation>&amp;Doppelklick</translation>
    </message>
    <message>
        <source>On this desktop, every click on the icon opens the menu.</source>
        <translation>Auf diesem Desktop öffnet jeder Klick auf das Symbol das Menü.</translation>
    </message>
    <message>
        <source>On GNOME, a single click opens the menu. Double-click for the left-click action.</source>
        <translation>Unter GNOME öffnet ein einfacher Klick das Menü. Doppelklicken Sie für die Aktion des Linksklicks.</translation>
    </message>
    <message>
        <source>A double click also triggers the left-click action.</source>
        <translation>Ein Doppelklick löst auch die Aktion des Linksklicks aus.</translation>
    </message>
    <message>
        <source>This desktop does not send double clicks to tray icons.</source>
        <translation>Dieser Desktop leitet Doppelklicks nicht an die Symbole in der Leiste weiter.</translation>
    </message>
</context>
<context>
    <name>Header</name>
    <message>
        <source>Unread</source>
        <translation>Ungelesen</translation>
    </message>
    <message>
        <source>Show unread messages only</source>
        <translation>Nur ungelesene Nachrichten anzeigen</translation>
    </message>
    <message>
        <source>Unread only</source>
        <translation>Nur ungelesene</translation>
    </message>
    <message>
        <source>More</source>
        <translation>Mehr</translation>
    </message>
    <message>
        <source>Retry now</source>
        <translation>Erneut versuchen</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Open Mailpit</source>
        <translation>Mailpit öffnen</translation>
    </message>
    <message>
        <source>Open {0}</source>
        <translation>{0} öffnen</translation>
    </message>
    <message>
        <source>Settings…</source>
        <translation>Einstellungen…</translation>
    </message>
</context>
<context>
    <name>MarkReadPrompt</name>
    <message>
        <source>Mark 1 message in {1} as read?</source>
        <translation>1 Nachricht in {1} als gelesen markieren?</translation>
    </message>
    <message>
        <source>Mark {0} messages in {1} as read?</source>
        <translation>{0} Nachrichten in {1} als gelesen markieren?</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Mark as read</source>
        <translation>Als gelesen markieren</translation>
    </message>
</context>
<context>
    <name>Message</name>
    <message>
        <source>(no subject)</source>
        <translation>(kein Betreff)</translation>
    </message>
    <message>
        <source>From {0}</source>
        <translation>Von {0}</translation>
    </message>
    <message>
        <source>To {0}</source>
        <translation>An {0}</translation>
    </message>
    <message>
        <source>In {0}</source>
        <translation>Auf {0}</translation>
    </message>
    <message>
        <source>No notification because of the rule &quot;{0}&quot;.</source>
        <translation>Keine Benachrichtigung wegen der Regel „{0}“.</translation>
    </message>
    <message>
        <source>Arrived while notifications were paused.</source>
        <translation>Während der Pause der Benachrichtigungen eingetroffen.</translation>
    </message>
    <message>
        <source>Arrived while this server was muted.</source>
        <translation>Eingetroffen, während dieser Server stumm war.</translation>
    </message>
    <message>
        <source>Arrived in a burst that was shown as one notification.</source>
        <translation>In einem Schwall eingetroffen, der als eine Benachrichtigung angezeigt wurde.</translation>
    </message>
    <message>
        <source>Arrived while disconnected.</source>
        <translation>Ohne Verbindung zum Server eingetroffen.</translation>
    </message>
    <message>
        <source>to {0}</source>
        <translation>an {0}</translation>
    </message>
    <message>
        <source>from {0}</source>
        <translation>von {0}</translation>
    </message>
    <message>
        <source>{0} and {1} more</source>
        <translation>{0} und {1} weitere</translation>
    </message>
    <message>
        <source>code {0}</source>
        <translation>Code {0}</translation>
    </message>
    <message>
        <source>link {0}</source>
        <translation>Link {0}</translation>
    </message>
    <message>
        <source>unread</source>
        <translation>ungelesen</translation>
    </message>
    <message>
        <source>1 attachment</source>
        <translation>1 Anhang</translation>
    </message>
    <message>
        <source>{0} attachments</source>
        <translation>{0} Anhänge</translation>
    </message>
</context>
<context>
    <name>MessageAction</name>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Copy code {0}</source>
        <translation>Code {0} kopieren</translation>
    </message>
    <message>
        <source>Copy code</source>
        <translation>Code kopieren</translation>
    </message>
    <message>
        <source>Open link {0}</source>
        <translation>Link {0} öffnen</translation>
    </message>
    <message>
        <source>Open link</source>
        <translation>Link öffnen</translation>
    </message>
    <message>
        <source>Copy address {0}</source>
        <translation>Adresse {0} kopieren</translation>
    </message>
    <message>
        <source>Quick look</source>
        <translation>Schnellansicht</translation>
    </message>
    <message>
        <source>Open HTML view (marks as read)</source>
        <translation>HTML-Ansicht öffnen (markiert als gelesen)</translation>
    </message>
    <message>
        <source>Copy URL of this message</source>
        <translation>URL dieser Nachricht kopieren</translation>
    </message>
    <message>
        <source>Save as .eml…</source>
        <translation>Als .eml speichern…</translation>
    </message>
    <message>
        <source>Mark as read</source>
        <translation>Als gelesen markieren</translation>
    </message>
    <message>
        <source>Mark as unread</source>
        <translation>Als ungelesen markieren</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>More actions</source>
        <translation>Weitere Aktionen</translation>
    </message>
</context>
<context>
    <name>MessageList</name>
    <message>
        <source>All messages are loaded</source>
        <translation>Alle Nachrichten sind geladen</translation>
    </message>
</context>
<context>
    <name>MessageText</name>
    <message>
        <source>Text of the message</source>
        <translation>Text der Nachricht</translation>
    </message>
    <message>
        <source>Attachments</source>
        <translation>Anhänge</translation>
    </message>
</context>
<context>
    <name>NotificationsPage</name>
    <message>
        <source>Notifications</source>
        <translation>Benachrichtigungen</translation>
    </message>
    <message>
        <source>&amp;Hide message content</source>
        <translation>Nachrichten&amp;inhalt verbergen</translation>
    </message>
    <message>
        <source>Show the &amp;beginning of the message</source>
        <translation>N&amp;achrichtenanfang zeigen</translation>
    </message>
    <message>
        <source>Show the s&amp;ender as well as the recipient</source>
        <translation>Neben dem Empfänger auch den Absen&amp;der zeigen</translation>
    </message>
    <message>
        <source>Play the desktop&apos;s notification s&amp;ound</source>
        <translation>Benachrichtigungs&amp;ton des Desktops abspielen</translation>
    </message>
    <message>
        <source>Summari&amp;ze messages that arrived while disconnected</source>
        <translation>Nachrichten &amp;zusammenfassen, die ohne Verbindung eingegangen sind</translation>
    </message>
    <message>
        <source>Notify when Mailpit re&amp;jects a message</source>
        <translation>Benachrichtigen, wenn Mailpit eine Nachricht ableh&amp;nt</translation>
    </message>
    <message>
        <source>&amp;Send a sample notification</source>
        <translation>&amp;Beispielbenachrichtigung senden</translation>
    </message>
    <message>
        <source>Content</source>
        <translation>Inhalt</translation>
    </message>
    <message>
        <source>Choose up to {0}.</source>
        <translation>Wählen Sie bis zu {0}.</translation>
    </message>
    <message>
        <source>Other notifications</source>
        <translation>Andere Benachrichtigungen</translation>
    </message>
    <message>
        <source>&amp;Copy code</source>
        <translation>Code &amp;kopieren</translation>
    </message>
    <message>
        <source>Open li&amp;nk</source>
        <translation>Link ö&amp;ffnen</translation>
    </message>
    <message>
        <source>&amp;Mark as read</source>
        <translation>Als &amp;gelesen markieren</translation>
    </message>
    <message>
        <source>&amp;Delete</source>
        <translation>Lö&amp;schen</translation>
    </message>
    <message>
        <source>Buttons</source>
        <translation>Schaltflächen</translation>
    </message>
</context>
<context>
    <name>Obstacle</name>
    <message>
        <source>Open settings</source>
        <translation>Einstellungen öffnen</translation>
    </message>
    <message>
        <source>No notification service is running. Install one, for example dunst or mako.</source>
        <translation>Es läuft kein Dienst für Benachrichtigungen. Installieren Sie einen, zum Beispiel dunst oder mako.</translation>
    </message>
    <message>
        <source>The notification service does not answer. Restart it, or log out and log in again.</source>
        <translation>Der Dienst für Benachrichtigungen antwortet nicht. Starten Sie ihn neu, oder melden Sie sich ab und wieder an.</translation>
    </message>
    <message>
        <source>Notifications from Mailpit Notifier are turned off in the system settings.</source>
        <translation>Benachrichtigungen von Mailpit Notifier sind in den Systemeinstellungen ausgeschaltet.</translation>
    </message>
    <message>
        <source>&quot;Do not disturb&quot; is on. The system does not show notifications.</source>
        <translation>„Nicht stören“ ist eingeschaltet. Das System zeigt keine Benachrichtigungen.</translation>
    </message>
</context>
<context>
    <name>PasswordDialog</name>
    <message>
        <source>Password</source>
        <translation>Passwort</translation>
    </message>
    <message>
        <source>&amp;Connect</source>
        <translation>&amp;Verbinden</translation>
    </message>
    <message>
        <source>Save in the system&apos;s secret &amp;store</source>
        <translation>Im &amp;Schlüsselbund des Systems speichern</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>{0} requires a user name and a password.
{1}</source>
        <translation>{0} verlangt einen Benutzernamen und ein Passwort.
{1}</translation>
    </message>
    <message>
        <source>&amp;User</source>
        <translation>&amp;Benutzer</translation>
    </message>
    <message>
        <source>&amp;Password</source>
        <translation>&amp;Passwort</translation>
    </message>
</context>
<context>
    <name>Pause</name>
    <message>
        <source>Notifications are paused until you resume.</source>
        <translation>Benachrichtigungen sind pausiert, bis Sie sie fortsetzen.</translation>
    </message>
    <message>
        <source>Notifications are paused until {time}.</source>
        <translation>Benachrichtigungen sind pausiert bis {time}.</translation>
    </message>
    <message>
        <source>These servers are muted: {names}.</source>
        <translation>Diese Server sind stumm: {names}.</translation>
    </message>
    <message>
        <source>{server} is muted until you unmute it.</source>
        <translation>{server} ist stumm, bis Sie die Stummschaltung aufheben.</translation>
    </message>
    <message>
        <source>{server} is muted until {time}.</source>
        <translation>{server} ist stumm bis {time}.</translation>
    </message>
    <message>
        <source>Pause notifications</source>
        <translation>Benachrichtigungen pausieren</translation>
    </message>
    <message>
        <source>Resume notifications</source>
        <translation>Benachrichtigungen fortsetzen</translation>
    </message>
    <message>
        <source>Mute</source>
        <translation>Stummschalten</translation>
    </message>
    <message>
        <source>Unmute {server}</source>
        <translation>Stummschaltung von {server} aufheben</translation>
    </message>
    <message>
        <source>For 15 minutes</source>
        <translation>Für 15 Minuten</translation>
    </message>
    <message>
        <source>Until I unmute it</source>
        <translation>Bis ich sie aufhebe</translation>
    </message>
    <message>
        <source>For 1 hour</source>
        <translation>Für 1 Stunde</translation>
    </message>
    <message>
        <source>Until tomorrow</source>
        <translation>Bis morgen</translation>
    </message>
    <message>
        <source>Until I resume</source>
        <translation>Bis ich fortsetze</translation>
    </message>
</context>
<context>
    <name>Placeholder</name>
    <message>
        <source>Retry now</source>
        <translation>Erneut versuchen</translation>
    </message>
    <message>
        <source>Search in Mailpit</source>
        <translation>In Mailpit suchen</translation>
    </message>
    <message>
        <source>Nothing found</source>
        <translation>Nichts gefunden</translation>
    </message>
    <message>
        <source>Show all messages</source>
        <translation>Alle Nachrichten anzeigen</translation>
    </message>
    <message>
        <source>Send a test message</source>
        <translation>Testnachricht senden</translation>
    </message>
    <message>
        <source>No recent message matches &quot;{0}&quot;.</source>
        <translation>Keine der neuesten Nachrichten passt zu „{0}“.</translation>
    </message>
    <message>
        <source>No unread messages</source>
        <translation>Keine ungelesenen Nachrichten</translation>
    </message>
    <message>
        <source>No server is connected</source>
        <translation>Kein Server ist verbunden</translation>
    </message>
    <message>
        <source>No connection to {0}</source>
        <translation>Keine Verbindung zu {0}</translation>
    </message>
    <message>
        <source>Connecting to {0}</source>
        <translation>Verbindung zu {0} wird aufgebaut</translation>
    </message>
    <message>
        <source>Message list cannot be read</source>
        <translation>Nachrichtenliste ist nicht lesbar</translation>
    </message>
    <message>
        <source>Loading messages from {0}</source>
        <translation>Nachrichten von {0} werden geladen</translation>
    </message>
    <message>
        <source>No messages yet</source>
        <translation>Noch keine Nachrichten</translation>
    </message>
    <message>
        <source>Messages that you send to Mailpit&apos;s SMTP port appear here.</source>
        <translation>Nachrichten, die Sie an den SMTP-Port von Mailpit senden, erscheinen hier.</translation>
    </message>
</context>
<context>
    <name>Preferences</name>
    <message>
        <source>Open the file</source>
        <translation>Datei öffnen</translation>
    </message>
    <message>
        <source>Cannot open {path}. It may not exist yet.</source>
        <translation>{path} kann nicht geöffnet werden. Vielleicht gibt es die Datei noch nicht.</translation>
    </message>
    <message>
        <source>A change in the settings failed</source>
        <translation>Eine Änderung in den Einstellungen ist fehlgeschlagen</translation>
    </message>
    <message>
        <source>Cannot change the start at login: {0}.</source>
        <translation>Der Start bei der Anmeldung kann nicht geändert werden: {0}.</translation>
    </message>
    <message>
        <source>Cannot move the password of {server} to its new address: the secret store failed ({error}). Enter it again.</source>
        <translation>Das Passwort von {server} kann nicht zur neuen Adresse übernommen werden: Der Schlüsselbund meldet einen Fehler ({error}). Geben Sie es noch einmal ein.</translation>
    </message>
    <message>
        <source>Cannot delete the password of {server}: the secret store failed ({error}).</source>
        <translation>Das Passwort von {server} kann nicht gelöscht werden: Der Schlüsselbund meldet einen Fehler ({error}).</translation>
    </message>
</context>
<context>
    <name>QuickLook</name>
    <message>
        <source>The message was not loaded: {0}</source>
        <translation>Die Nachricht wurde nicht geladen: {0}</translation>
    </message>
    <message>
        <source>From</source>
        <translation>Von</translation>
    </message>
    <message>
        <source>To</source>
        <translation>An</translation>
    </message>
    <message>
        <source>Cc</source>
        <translation>Cc</translation>
    </message>
    <message>
        <source>Bcc</source>
        <translation>Bcc</translation>
    </message>
    <message>
        <source>Date</source>
        <translation>Datum</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>The encoding of the text is unknown. It is shown as it was sent.</source>
        <translation>Die Kodierung des Textes ist unbekannt. Er wird so gezeigt, wie er gesendet wurde.</translation>
    </message>
    <message>
        <source>Some characters could not be decoded and may be wrong.</source>
        <translation>Einige Zeichen konnten nicht dekodiert werden und sind möglicherweise falsch.</translation>
    </message>
    <message>
        <source>Only the beginning is shown. Open the message in Mailpit to read all of it.</source>
        <translation>Nur der Anfang wird gezeigt. Öffnen Sie die Nachricht in Mailpit, um sie ganz zu lesen.</translation>
    </message>
    <message>
        <source>Loading the rest of the message</source>
        <translation>Der Rest der Nachricht wird geladen</translation>
    </message>
    <message>
        <source>The message was not read to its end. It may contain more attachments.</source>
        <translation>Die Nachricht wurde nicht bis zum Ende gelesen. Sie kann weitere Anhänge enthalten.</translation>
    </message>
    <message>
        <source>The message is encrypted. Its text cannot be shown.</source>
        <translation>Die Nachricht ist verschlüsselt. Ihr Text kann nicht gezeigt werden.</translation>
    </message>
    <message>
        <source>No text was found in the part of the message that could be read.</source>
        <translation>In dem Teil der Nachricht, der gelesen werden konnte, ist kein Text.</translation>
    </message>
    <message>
        <source>This message has no text.</source>
        <translation>Diese Nachricht hat keinen Text.</translation>
    </message>
    <message>
        <source>and {0} more</source>
        <translation>und {0} weitere</translation>
    </message>
    <message>
        <source>&amp;Show content</source>
        <translation>&amp;Inhalt anzeigen</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Open in Mailpit (Enter)</source>
        <translation>In Mailpit öffnen (Eingabetaste)</translation>
    </message>
    <message>
        <source>More actions</source>
        <translation>Weitere Aktionen</translation>
    </message>
    <message>
        <source>Close quick look (Esc)</source>
        <translation>Schnellansicht schließen (Esc)</translation>
    </message>
    <message>
        <source>Code {0}</source>
        <translation>Code {0}</translation>
    </message>
    <message>
        <source>Link {0}</source>
        <translation>Link {0}</translation>
    </message>
    <message>
        <source>Attachments</source>
        <translation>Anhänge</translation>
    </message>
    <message>
        <source>The content of messages is hidden in the settings.</source>
        <translation>Der Inhalt von Nachrichten ist in den Einstellungen ausgeblendet.</translation>
    </message>
    <message>
        <source>Loading the message</source>
        <translation>Die Nachricht wird geladen</translation>
    </message>
    <message>
        <source>Copy code {0}</source>
        <translation>Code {0} kopieren</translation>
    </message>
    <message>
        <source>More links ({0})</source>
        <translation>Weitere Links ({0})</translation>
    </message>
    <message>
        <source>Open link {0}</source>
        <translation>Link {0} öffnen</translation>
    </message>
</context>
<context>
    <name>RecentWindow</name>
    <message>
        <source>Restored: {0}</source>
        <translation>Wiederhergestellt: {0}</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Retry now</source>
        <translation>Erneut versuchen</translation>
    </message>
    <message>
        <source>Recent messages</source>
        <translation>Neueste Nachrichten</translation>
    </message>
    <message>
        <source>Load more ({0} older messages)</source>
        <translation>Mehr laden ({0} ältere Nachrichten)</translation>
    </message>
    <message>
        <source>Nothing found</source>
        <translation>Nichts gefunden</translation>
    </message>
    <message>
        <source>1 message</source>
        <translation>1 Nachricht</translation>
    </message>
    <message>
        <source>{0} messages</source>
        <translation>{0} Nachrichten</translation>
    </message>
</context>
<context>
    <name>RowActions</name>
    <message>
        <source>No code was copied</source>
        <translation>Kein Code wurde kopiert</translation>
    </message>
    <message>
        <source>No code in the part that could be read</source>
        <translation>Kein Code in dem Teil, der gelesen werden konnte</translation>
    </message>
    <message>
        <source>No link was opened</source>
        <translation>Kein Link wurde geöffnet</translation>
    </message>
    <message>
        <source>No code in this message</source>
        <translation>Kein Code in dieser Nachricht</translation>
    </message>
    <message>
        <source>Marked 1 message as read</source>
        <translation>1 Nachricht als gelesen markiert</translation>
    </message>
    <message>
        <source>Marked {0} messages as read</source>
        <translation>{0} Nachrichten als gelesen markiert</translation>
    </message>
    <message>
        <source>No link in this message</source>
        <translation>Kein Link in dieser Nachricht</translation>
    </message>
    <message>
        <source>No link in the part that could be read</source>
        <translation>Kein Link in dem Teil, der gelesen werden konnte</translation>
    </message>
    <message>
        <source>Marked as read</source>
        <translation>Als gelesen markiert</translation>
    </message>
    <message>
        <source>Marked as unread</source>
        <translation>Als ungelesen markiert</translation>
    </message>
    <message>
        <source>Opened {0}</source>
        <translation>{0} geöffnet</translation>
    </message>
    <message>
        <source>Copied {0}</source>
        <translation>{0} kopiert</translation>
    </message>
    <message>
        <source>The message was not saved</source>
        <translation>Die Nachricht wurde nicht gespeichert</translation>
    </message>
    <message>
        <source>Saved {0}</source>
        <translation>{0} gespeichert</translation>
    </message>
</context>
<context>
    <name>RowMenu</name>
    <message>
        <source>Message actions</source>
        <translation>Aktionen für diese Nachricht</translation>
    </message>
</context>
<context>
    <name>RuleForm</name>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>To</source>
        <translation>An</translation>
    </message>
    <message>
        <source>From</source>
        <translation>Von</translation>
    </message>
    <message>
        <source>Subject</source>
        <translation>Betreff</translation>
    </message>
    <message>
        <source>Tag</source>
        <translation>Tag</translation>
    </message>
    <message>
        <source>Server</source>
        <translation>Server</translation>
    </message>
    <message>
        <source>Command</source>
        <translation>Befehl</translation>
    </message>
    <message>
        <source>Run a command</source>
        <translation>Einen Befehl ausführen</translation>
    </message>
    <message>
        <source>&amp;Name</source>
        <translation>&amp;Name</translation>
    </message>
    <message>
        <source>Shown in the list of rules</source>
        <translation>Wird in der Liste der Regeln angezeigt</translation>
    </message>
    <message>
        <source>Part of the subject</source>
        <translation>Teil des Betreffs</translation>
    </message>
    <message>
        <source>Name or address</source>
        <translation>Name oder Adresse</translation>
    </message>
    <message>
        <source>Do this</source>
        <translation>Aktion</translation>
    </message>
    <message>
        <source>Program and arguments; reads the message as JSON</source>
        <translation>Programm und Argumente; liest die Nachricht als JSON</translation>
    </message>
    <message>
        <source>Show a notification</source>
        <translation>Benachrichtigung anzeigen</translation>
    </message>
    <message>
        <source>Show in list only</source>
        <translation>Nur in der Liste anzeigen</translation>
    </message>
    <message>
        <source>Hide completely</source>
        <translation>Vollständig ausblenden</translation>
    </message>
    <message>
        <source>Open in the browser</source>
        <translation>Im Browser öffnen</translation>
    </message>
    <message>
        <source>If all of these match</source>
        <translation>Wenn alle zutreffen</translation>
    </message>
    <message>
        <source>* matches any characters, ? matches one, except in the subject. /…/ is a regular expression.</source>
        <translation>* steht für beliebige Zeichen, ? für genau eines, außer im Betreff. /…/ ist ein regulärer Ausdruck.</translation>
    </message>
    <message>
        <source>&amp;Do this</source>
        <translation>Akt&amp;ion</translation>
    </message>
    <message>
        <source>&amp;Command</source>
        <translation>&amp;Befehl</translation>
    </message>
    <message>
        <source>&amp;To</source>
        <translation>&amp;An</translation>
    </message>
    <message>
        <source>&amp;From</source>
        <translation>&amp;Von</translation>
    </message>
    <message>
        <source>&amp;Subject</source>
        <translation>Betre&amp;ff</translation>
    </message>
    <message>
        <source>Ta&amp;g</source>
        <translation>&amp;Tag</translation>
    </message>
    <message>
        <source>Ser&amp;ver</source>
        <translation>&amp;Server</translation>
    </message>
    <message>
        <source>Also set in config.toml: {0}.</source>
        <translation>Außerdem in config.toml festgelegt: {0}.</translation>
    </message>
    <message>
        <source>SMTP user {0}</source>
        <translation>SMTP-Benutzer {0}</translation>
    </message>
    <message>
        <source>larger than {0}</source>
        <translation>größer als {0}</translation>
    </message>
    <message>
        <source>smaller than {0}</source>
        <translation>kleiner als {0}</translation>
    </message>
    <message>
        <source>with attachments</source>
        <translation>mit Anhängen</translation>
    </message>
    <message>
        <source>without attachments</source>
        <translation>ohne Anhänge</translation>
    </message>
    <message>
        <source>A closing quotation mark is missing.</source>
        <translation>Das schließende Anführungszeichen fehlt.</translation>
    </message>
    <message>
        <source>Enter a program, or choose another action.</source>
        <translation>Geben Sie ein Programm ein, oder wählen Sie eine andere Aktion.</translation>
    </message>
</context>
<context>
    <name>RulePreview</name>
    <message>
        <source>Matching messages</source>
        <translation>Passende Nachrichten</translation>
    </message>
    <message>
        <source>Matching recent messages</source>
        <translation>Passende neueste Nachrichten</translation>
    </message>
    <message>
        <source>Matches {0} of {1}.</source>
        <translation>Passt auf {0} von {1}.</translation>
    </message>
    <message>
        <source>An earlier rule applies to {0} of them.</source>
        <translation>Für {0} davon gilt eine frühere Regel.</translation>
    </message>
    <message>
        <source>Matches no message: the regular expression {0}.</source>
        <translation>Passt auf keine Nachricht: Der reguläre Ausdruck {0}.</translation>
    </message>
    <message>
        <source>{0} (handled by &quot;{1}&quot;)</source>
        <translation>{0} (Regel „{1}“)</translation>
    </message>
</context>
<context>
    <name>RulesPage</name>
    <message>
        <source>Rules</source>
        <translation>Regeln</translation>
    </message>
    <message>
        <source>notify</source>
        <translation>melden</translation>
    </message>
    <message>
        <source>The first matching rule applies. Other messages show a notification.</source>
        <translation>Die erste passende Regel gilt. Andere Nachrichten zeigen eine Benachrichtigung.</translation>
    </message>
    <message>
        <source>Every message</source>
        <translation>Jede Nachricht</translation>
    </message>
    <message>
        <source>list only</source>
        <translation>nur Liste</translation>
    </message>
    <message>
        <source>hide</source>
        <translation>verbergen</translation>
    </message>
    <message>
        <source>open</source>
        <translation>öffnen</translation>
    </message>
    <message>
        <source>run</source>
        <translation>ausführen</translation>
    </message>
    <message>
        <source>Removed rule: {0}.</source>
        <translation>Regel entfernt: {0}.</translation>
    </message>
</context>
<context>
    <name>SaveMessage</name>
    <message>
        <source>Save message</source>
        <translation>Nachricht speichern</translation>
    </message>
    <message>
        <source>Messages (*.eml)</source>
        <translation>Nachrichten (*.eml)</translation>
    </message>
</context>
<context>
    <name>SearchField</name>
    <message>
        <source>Search</source>
        <translation>Suchen</translation>
    </message>
    <message>
        <source>Searches the messages shown here. Press Enter to search in Mailpit.</source>
        <translation>Durchsucht die hier angezeigten Nachrichten. Mit der Eingabetaste suchen Sie in Mailpit.</translation>
    </message>
    <message>
        <source>Press Enter to search in Mailpit</source>
        <translation>Eingabetaste: in Mailpit suchen</translation>
    </message>
    <message>
        <source>Clear search</source>
        <translation>Suche leeren</translation>
    </message>
    <message>
        <source>Search messages, people, tags, codes</source>
        <translation>Nachrichten, Personen, Tags, Codes suchen</translation>
    </message>
    <message>
        <source>Search messages</source>
        <translation>Nachrichten suchen</translation>
    </message>
</context>
<context>
    <name>Server</name>
    <message>
        <source>not connected.</source>
        <translation>nicht verbunden.</translation>
    </message>
    <message>
        <source>{0} is stopped.</source>
        <translation>{0} ist angehalten.</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>angehalten</translation>
    </message>
    <message>
        <source>not connected</source>
        <translation>nicht verbunden</translation>
    </message>
    <message>
        <source>Enter password…</source>
        <translation>Passwort eingeben…</translation>
    </message>
    <message>
        <source>View certificate…</source>
        <translation>Zertifikat anzeigen…</translation>
    </message>
    <message>
        <source>live updates are blocked; checking every few seconds.</source>
        <translation>Live-Aktualisierungen sind blockiert; alle paar Sekunden wird nachgesehen.</translation>
    </message>
    <message>
        <source>A proxy may be blocking WebSockets.</source>
        <translation>Möglicherweise blockiert ein Proxy WebSockets.</translation>
    </message>
    <message>
        <source> (and {0} more)</source>
        <translation> (und {0} weitere)</translation>
    </message>
    <message>
        <source>{0} unread</source>
        <translation>{0} ungelesen</translation>
    </message>
    <message>
        <source>muted</source>
        <translation>stumm</translation>
    </message>
    <message>
        <source>{0} unread of {1}</source>
        <translation>{0} von {1} ungelesen</translation>
    </message>
    <message>
        <source>connected</source>
        <translation>verbunden</translation>
    </message>
    <message>
        <source>connecting</source>
        <translation>verbindet</translation>
    </message>
</context>
<context>
    <name>ServerFilter</name>
    <message>
        <source>Servers shown</source>
        <translation>Gezeigte Server</translation>
    </message>
    <message>
        <source>All servers</source>
        <translation>Alle Server</translation>
    </message>
</context>
<context>
    <name>ServerForm</name>
    <message>
        <source>Address</source>
        <translation>Adresse</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>The name</source>
        <translation>Der Name</translation>
    </message>
    <message>
        <source>Certificates</source>
        <translation>Zertifikate</translation>
    </message>
    <message>
        <source>Fingerprint</source>
        <translation>Fingerabdruck</translation>
    </message>
    <message>
        <source>The fingerprint</source>
        <translation>Der Fingerabdruck</translation>
    </message>
    <message>
        <source>Proxy</source>
        <translation>Proxy</translation>
    </message>
    <message>
        <source>The proxy</source>
        <translation>Der Proxy</translation>
    </message>
    <message>
        <source>System default (&quot;none&quot;: direct)</source>
        <translation>Wie das System („none“: direkt)</translation>
    </message>
    <message>
        <source>Password</source>
        <translation>Passwort</translation>
    </message>
    <message>
        <source>Color</source>
        <translation>Farbe</translation>
    </message>
    <message>
        <source>Allow sendin&amp;g the password over plain HTTP</source>
        <translation>Passwort auch unver&amp;schlüsselt über HTTP senden</translation>
    </message>
    <message>
        <source>&amp;Test</source>
        <translation>&amp;Testen</translation>
    </message>
    <message>
        <source>Addr&amp;ess</source>
        <translation>&amp;Adresse</translation>
    </message>
    <message>
        <source>&amp;Name</source>
        <translation>&amp;Name</translation>
    </message>
    <message>
        <source>&amp;Color</source>
        <translation>&amp;Farbe</translation>
    </message>
    <message>
        <source>Passw&amp;ord</source>
        <translation>&amp;Passwort</translation>
    </message>
    <message>
        <source>Cert&amp;ificates</source>
        <translation>&amp;Zertifikate</translation>
    </message>
    <message>
        <source>&amp;Fingerprint</source>
        <translation>Fingerabdr&amp;uck</translation>
    </message>
    <message>
        <source>Pro&amp;xy</source>
        <translation>Pro&amp;xy</translation>
    </message>
    <message>
        <source>Certificates and prox&amp;y</source>
        <translation>Zertifikate und Prox&amp;y</translation>
    </message>
    <message>
        <source>C&amp;hoose…</source>
        <translation>Aus&amp;wählen…</translation>
    </message>
    <message>
        <source>Connect to this ser&amp;ver</source>
        <translation>Mit diesem Server &amp;verbinden</translation>
    </message>
    <message>
        <source>User name</source>
        <translation>Benutzername</translation>
    </message>
    <message>
        <source>The user name</source>
        <translation>Der Benutzername</translation>
    </message>
    <message>
        <source>U&amp;ser name</source>
        <translation>&amp;Benutzername</translation>
    </message>
    <message>
        <source>Choose a certificate file</source>
        <translation>Zertifikatsdatei auswählen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>Automatisch</translation>
    </message>
    <message>
        <source>Green</source>
        <translation>Grün</translation>
    </message>
    <message>
        <source>Blue</source>
        <translation>Blau</translation>
    </message>
    <message>
        <source>Orange</source>
        <translation>Orange</translation>
    </message>
    <message>
        <source>Violet</source>
        <translation>Violett</translation>
    </message>
    <message>
        <source>Red</source>
        <translation>Rot</translation>
    </message>
    <message>
        <source>Olive</source>
        <translation>Oliv</translation>
    </message>
    <message>
        <source>Turquoise</source>
        <translation>Türkis</translation>
    </message>
    <message>
        <source>Brown</source>
        <translation>Braun</translation>
    </message>
    <message>
        <source>Set in config.toml</source>
        <translation>In config.toml festgelegt</translation>
    </message>
    <message>
        <source>Enter the password in its own field, so that it is saved in the secret store.</source>
        <translation>Geben Sie das Passwort in sein eigenes Feld ein, damit es im Schlüsselbund gespeichert wird.</translation>
    </message>
    <message>
        <source>Another server already has this address.</source>
        <translation>Ein anderer Server hat diese Adresse schon.</translation>
    </message>
    <message>
        <source>This file does not exist.</source>
        <translation>Diese Datei gibt es nicht.</translation>
    </message>
    <message>
        <source>A password needs a user name. Enter the user name first.</source>
        <translation>Zum Passwort gehört ein Benutzername. Geben Sie ihn zuerst ein.</translation>
    </message>
    <message>
        <source>The file</source>
        <translation>Die Datei</translation>
    </message>
    <message>
        <source>Leave empty for no change</source>
        <translation>Leer lassen für keine Änderung</translation>
    </message>
    <message>
        <source>Certificates (*.pem *.crt *.cer)</source>
        <translation>Zertifikate (*.pem *.crt *.cer)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Alle Dateien (*)</translation>
    </message>
</context>
<context>
    <name>ServerOffers</name>
    <message>
        <source>{server} is running.</source>
        <translation>{server} läuft.</translation>
    </message>
    <message>
        <source>{server} is running (1 of {count} new servers).</source>
        <translation>{server} läuft (1 von {count} neuen Servern).</translation>
    </message>
    <message>
        <source>&amp;Watch it</source>
        <translation>Ü&amp;berwachen</translation>
    </message>
    <message>
        <source>I&amp;gnore</source>
        <translation>&amp;Ignorieren</translation>
    </message>
    <message>
        <source>{server} will not be offered again</source>
        <translation>{server} wird nicht wieder angeboten</translation>
    </message>
    <message>
        <source>Watch {servers} as well?</source>
        <translation>Auch {servers} überwachen?</translation>
    </message>
    <message>
        <source>Watch {servers} as well, until you quit?</source>
        <translation>Auch {servers} überwachen, bis Sie das Programm beenden?</translation>
    </message>
    <message>
        <source>&amp;Watch</source>
        <translation>Ü&amp;berwachen</translation>
    </message>
    <message>
        <source>&amp;Cancel</source>
        <translation>&amp;Abbrechen</translation>
    </message>
    <message>
        <source>The server was not added</source>
        <translation>Der Server wurde nicht hinzugefügt</translation>
    </message>
    <message>
        <source>Now watching {servers}</source>
        <translation>{servers} wird jetzt überwacht</translation>
    </message>
</context>
<context>
    <name>ServerPrompts</name>
    <message>
        <source>Fetching certificate…</source>
        <translation>Zertifikat wird abgerufen…</translation>
    </message>
    <message>
        <source>{0} Your answer applies until you quit.</source>
        <translation>{0} Ihre Antwort gilt, bis Sie das Programm beenden.</translation>
    </message>
    <message>
        <source>Could not save the password in the system&apos;s secret store ({0}). It is used until the program ends.</source>
        <translation>Das Passwort konnte nicht im Schlüsselbund des Systems gespeichert werden ({0}). Es wird bis zum Ende des Programms verwendet.</translation>
    </message>
</context>
<context>
    <name>ServersPage</name>
    <message>
        <source>Servers</source>
        <translation>Server</translation>
    </message>
    <message>
        <source>Started with --server. Changes here apply the next time you start without it.</source>
        <translation>Mit --server gestartet. Änderungen hier gelten beim nächsten Start ohne diese Option.</translation>
    </message>
    <message>
        <source>New server</source>
        <translation>Neuer Server</translation>
    </message>
    <message>
        <source>{0} (off)</source>
        <translation>{0} (aus)</translation>
    </message>
    <message>
        <source>Removed {0}.</source>
        <translation>{0} entfernt.</translation>
    </message>
</context>
<context>
    <name>Settings</name>
    <message>
        <source>must not be empty.</source>
        <translation>darf nicht leer sein.</translation>
    </message>
    <message>
        <source>must not be longer than 1,000 characters.</source>
        <translation>darf nicht länger als 1.000 Zeichen sein.</translation>
    </message>
    <message>
        <source>must have a regular expression between its slashes.</source>
        <translation>muss zwischen den Schrägstrichen einen gültigen regulären Ausdruck haben.</translation>
    </message>
    <message>
        <source>must not repeat so much or be nested so deeply.</source>
        <translation>darf nicht so viel wiederholen und nicht so tief verschachtelt sein.</translation>
    </message>
    <message>
        <source>must not have both a back reference and (?a) or (?-i:…).</source>
        <translation>darf nicht zugleich einen Rückverweis und (?a) oder (?-i:…) haben.</translation>
    </message>
    <message>
        <source>must not refer to a group inside of a repeat that may be empty.</source>
        <translation>darf sich nicht auf eine Gruppe in einer Wiederholung beziehen, die leer sein kann.</translation>
    </message>
    <message>
        <source>must be text in quotes, on one line.</source>
        <translation>muss ein Text in Anführungszeichen sein, in einer Zeile.</translation>
    </message>
    <message>
        <source>must be the address of an HTTP proxy such as http://proxy.example:3128, or &quot;none&quot;.</source>
        <translation>muss die Adresse eines HTTP-Proxys sein, zum Beispiel http://proxy.example:3128, oder „none“.</translation>
    </message>
    <message>
        <source>must be a SHA-256 fingerprint of 64 hexadecimal digits.</source>
        <translation>muss ein SHA-256-Fingerabdruck aus 64 Hexadezimalziffern sein.</translation>
    </message>
    <message>
        <source>Unix sockets are not supported. Let Mailpit listen on a TCP port and enter that address.</source>
        <translation>Unix-Sockets werden nicht unterstützt. Lassen Sie Mailpit auf einem TCP-Port lauschen, und geben Sie diese Adresse ein.</translation>
    </message>
    <message>
        <source>This address is not valid. Enter one such as http://localhost:8025/.</source>
        <translation>Diese Adresse ist ungültig. Geben Sie eine wie http://localhost:8025/ ein.</translation>
    </message>
    <message>
        <source>The address of a Mailpit starts with http:// or https://.</source>
        <translation>Die Adresse eines Mailpit beginnt mit http:// oder https://.</translation>
    </message>
    <message>
        <source>This address has no host name. Enter one such as http://localhost:8025/.</source>
        <translation>Dieser Adresse fehlt der Rechnername. Geben Sie eine wie http://localhost:8025/ ein.</translation>
    </message>
    <message>
        <source>The address of a Mailpit must not contain ? or #.</source>
        <translation>Die Adresse eines Mailpit darf weder ? noch # enthalten.</translation>
    </message>
    <message>
        <source>takes too long</source>
        <translation>braucht zu lange</translation>
    </message>
    <message>
        <source>cannot be used by the package regex</source>
        <translation>kann vom Paket regex nicht verwendet werden</translation>
    </message>
    <message>
        <source>cannot be used here: install the package regex</source>
        <translation>kann hier nicht verwendet werden: Installieren Sie das Paket regex</translation>
    </message>
    <message>
        <source>A server with this address exists already.</source>
        <translation>Es gibt bereits einen Server mit dieser Adresse.</translation>
    </message>
    <message>
        <source>config.toml was changed by another program. Review the new values.</source>
        <translation>config.toml wurde von einem anderen Programm geändert. Prüfen Sie die neuen Werte.</translation>
    </message>
    <message>
        <source>Testing the connection…</source>
        <translation>Verbindung wird getestet …</translation>
    </message>
    <message>
        <source>Connected to {0}. Messages: {1}, unread: {2}.</source>
        <translation>Mit {0} verbunden. Nachrichten: {1}, ungelesen: {2}.</translation>
    </message>
    <message>
        <source>Checking live updates for {0} s…</source>
        <translation>Live-Aktualisierungen werden {0} s lang geprüft …</translation>
    </message>
    <message>
        <source>The password was saved in the system&apos;s secret store.</source>
        <translation>Das Passwort wurde im Schlüsselbund des Systems gespeichert.</translation>
    </message>
</context>
<context>
    <name>SettingsWindow</name>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>Seiten</translation>
    </message>
    <message>
        <source>C&amp;lose</source>
        <translation>Sch&amp;ließen</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Saved</source>
        <translation>Gespeichert</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
</context>
<context>
    <name>StatusBanner</name>
    <message>
        <source>Notifications are on again</source>
        <translation>Benachrichtigungen sind wieder eingeschaltet</translation>
    </message>
    <message>
        <source>No longer muted: {0}</source>
        <translation>Nicht mehr stumm: {0}</translation>
    </message>
    <message>
        <source>Connected to {0} again</source>
        <translation>Wieder verbunden mit {0}</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Retry now</source>
        <translation>Erneut versuchen</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>&amp;Unmute</source>
        <translation>&amp;Stummschaltung aufheben</translation>
    </message>
</context>
<context>
    <name>Tray</name>
    <message>
        <source>1 new message</source>
        <translation>1 neue Nachricht</translation>
    </message>
    <message>
        <source>{0} new messages</source>
        <translation>{0} neue Nachrichten</translation>
    </message>
</context>
<context>
    <name>TrayMenu</name>
    <message>
        <source>Show recent messages</source>
        <translation>Neueste Nachrichten anzeigen</translation>
    </message>
    <message>
        <source>Settings…</source>
        <translation>Einstellungen…</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Open Mailpit</source>
        <translation>Mailpit öffnen</translation>
    </message>
</context>
<context>
    <name>Welcome</name>
    <message>
        <source>Use these servers</source>
        <translation>Diese Server verwenden</translation>
    </message>
    <message>
        <source>Search again</source>
        <translation>Erneut suchen</translation>
    </message>
    <message>
        <source>Start a demo</source>
        <translation>Demo starten</translation>
    </message>
    <message>
        <source>Checking {0} and, where installed, DDEV, Docker and Podman.</source>
        <translation>{0} und, soweit installiert, DDEV, Docker und Podman werden geprüft.</translation>
    </message>
    <message>
        <source>Searching for Mailpit</source>
        <translation>Mailpit wird gesucht</translation>
    </message>
    <message>
        <source>Use this server</source>
        <translation>Diesen Server verwenden</translation>
    </message>
    <message>
        <source>Use only {0}</source>
        <translation>Nur {0} verwenden</translation>
    </message>
    <message>
        <source>You will be notified of new messages. Stopped servers connect when they start.</source>
        <translation>Sie werden über neue Nachrichten benachrichtigt. Gestoppte Server werden verbunden, sobald sie starten.</translation>
    </message>
    <message>
        <source>You will be notified of new messages.</source>
        <translation>Sie werden über neue Nachrichten benachrichtigt.</translation>
    </message>
    <message>
        <source>Found a Mailpit server</source>
        <translation>Ein Mailpit-Server gefunden</translation>
    </message>
    <message>
        <source>Found {0} Mailpit servers</source>
        <translation>{0} Mailpit-Server gefunden</translation>
    </message>
    <message>
        <source>Start Mailpit to see messages here. Checking {0} every few seconds.</source>
        <translation>Starten Sie Mailpit, um hier Nachrichten zu sehen. {0} wird alle paar Sekunden geprüft.</translation>
    </message>
    <message>
        <source>Mailpit not found</source>
        <translation>Mailpit nicht gefunden</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>gestoppt</translation>
    </message>
    <message>
        <source>Not now</source>
        <translation>Nicht jetzt</translation>
    </message>
</context>
<context>
    <name>notify</name>
    <message>
        <source>Could not open the page</source>
        <translation>Die Seite konnte nicht geöffnet werden</translation>
    </message>
    <message>
        <source>No browser is installed, or it failed to start.</source>
        <translation>Es ist kein Browser installiert, oder er konnte nicht gestartet werden.</translation>
    </message>
    <message>
        <source>Could not mark as read</source>
        <translation>Konnte nicht als gelesen markiert werden</translation>
    </message>
    <message>
        <source>Could not mark as unread</source>
        <translation>Konnte nicht als ungelesen markiert werden</translation>
    </message>
    <message>
        <source>Could not send the test message</source>
        <translation>Die Testnachricht konnte nicht gesendet werden</translation>
    </message>
    <message>
        <source>Could not delete the message</source>
        <translation>Die Nachricht konnte nicht gelöscht werden</translation>
    </message>
    <message>
        <source>Its server is no longer in the settings.</source>
        <translation>Der Server ist nicht mehr in den Einstellungen.</translation>
    </message>
    <message>
        <source>Your Acme code</source>
        <translation>Ihr Acme-Code</translation>
    </message>
    <message>
        <source>Pause 1 hour</source>
        <translation>1 Stunde Pause</translation>
    </message>
    <message>
        <source>Newest: {subject}</source>
        <translation>Neueste: {subject}</translation>
    </message>
    <message>
        <source>Newest: {subject}, to {address}</source>
        <translation>Neueste: {subject}, an {address}</translation>
    </message>
    <message>
        <source>Deleted: {subject}</source>
        <translation>Gelöscht: {subject}</translation>
    </message>
    <message>
        <source>New message</source>
        <translation>Neue Nachricht</translation>
    </message>
    <message>
        <source>Message deleted</source>
        <translation>Nachricht gelöscht</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>(no subject)</source>
        <translation>(kein Betreff)</translation>
    </message>
    <message>
        <source>Copy {code}</source>
        <translation>{code} kopieren</translation>
    </message>
    <message>
        <source>Copy code</source>
        <translation>Code kopieren</translation>
    </message>
    <message>
        <source>Open {host}</source>
        <translation>{host} öffnen</translation>
    </message>
    <message>
        <source>Open link</source>
        <translation>Link öffnen</translation>
    </message>
    <message>
        <source>Mark as read</source>
        <translation>Als gelesen markieren</translation>
    </message>
    <message>
        <source>1 new message</source>
        <translation>1 neue Nachricht</translation>
    </message>
    <message>
        <source>{messages} in {server}</source>
        <translation>{messages} in {server}</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Code {code}</source>
        <translation>Code {code}</translation>
    </message>
    <message>
        <source>From {person}</source>
        <translation>Von {person}</translation>
    </message>
    <message>
        <source>To {address}</source>
        <translation>An {address}</translation>
    </message>
    <message>
        <source>{server} is not connected</source>
        <translation>{server} ist nicht verbunden</translation>
    </message>
    <message>
        <source>{program} was updated</source>
        <translation>{program} wurde aktualisiert</translation>
    </message>
    <message>
        <source>Restart</source>
        <translation>Neu starten</translation>
    </message>
    <message>
        <source>{program} had an unexpected error</source>
        <translation>Unerwarteter Fehler in {program}</translation>
    </message>
    <message>
        <source>Cannot save which messages were announced</source>
        <translation>Kann nicht speichern, welche Mails gemeldet wurden</translation>
    </message>
    <message>
        <source>Rule &quot;{rule}&quot; is off</source>
        <translation>Die Regel „{rule}“ ist aus</translation>
    </message>
    <message>
        <source>{sentence} in {server}</source>
        <translation>{sentence} ({server})</translation>
    </message>
    <message>
        <source>{error} (from {address})</source>
        <translation>{error} (von {address})</translation>
    </message>
    <message>
        <source>Don&apos;t show these</source>
        <translation>Nicht mehr zeigen</translation>
    </message>
    <message>
        <source>Problem in config.toml</source>
        <translation>Problem in config.toml</translation>
    </message>
    <message>
        <source>Restart it to use the new version. No message will be missed.</source>
        <translation>Starten Sie es neu, um die neue Version zu verwenden. Es geht keine Nachricht verloren.</translation>
    </message>
    <message>
        <source>It keeps running. Please report the error with this log: {path}</source>
        <translation>Es läuft weiter. Bitte melden Sie den Fehler mit diesem Protokoll: {path}</translation>
    </message>
    <message>
        <source>{error}. They may be announced again after a restart.</source>
        <translation>{error}. Nach einem Neustart werden sie vielleicht noch einmal gemeldet.</translation>
    </message>
    <message>
        <source>Its regular expression {reason}. The rule matches no message until you change it.</source>
        <translation>Ihr regulärer Ausdruck {reason}. Die Regel trifft auf keine Nachricht zu, bis Sie sie ändern.</translation>
    </message>
    <message>
        <source>Mailpit rejected a log-in</source>
        <translation>Mailpit hat eine Anmeldung abgelehnt</translation>
    </message>
    <message>
        <source>Mailpit rejected a message</source>
        <translation>Mailpit hat eine Nachricht abgelehnt</translation>
    </message>
    <message>
        <source>Connected to Mailpit at {address}</source>
        <translation>Verbunden mit Mailpit unter {address}</translation>
    </message>
    <message>
        <source>It has no messages yet. The first one will appear like this.</source>
        <translation>Es hat noch keine Nachrichten. Die erste wird so angezeigt.</translation>
    </message>
    <message>
        <source>It has 1 message. The next one will appear like this.</source>
        <translation>Es hat 1 Nachricht. Die nächste wird so angezeigt.</translation>
    </message>
    <message>
        <source>Send a test message</source>
        <translation>Testnachricht senden</translation>
    </message>
    <message>
        <source>This is a sample. Your messages will look like this.</source>
        <translation>Dies ist ein Beispiel. So werden Ihre Nachrichten angezeigt.</translation>
    </message>
    <message>
        <source>Too many messages are waiting for it.</source>
        <translation>Zu viele Nachrichten warten darauf.</translation>
    </message>
    <message>
        <source>The command of rule &quot;{rule}&quot; failed</source>
        <translation>Der Befehl der Regel „{rule}“ ist fehlgeschlagen</translation>
    </message>
    <message>
        <source>{command} was stopped after {count} seconds.</source>
        <translation>{command} wurde nach {count} Sekunden beendet.</translation>
    </message>
    <message>
        <source>Cannot run {command}: {reason}.</source>
        <translation>{command} kann nicht ausgeführt werden: {reason}.</translation>
    </message>
    <message>
        <source>{command} exited with status {status}.</source>
        <translation>{command} endete mit Status {status}.</translation>
    </message>
</context>
</TS>
