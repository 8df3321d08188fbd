<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name></name>
    <message numerus="yes">
        <source>%n mails while paused</source>
        <translation>
            <numerusform>%n Mail während der Pause</numerusform>
            <numerusform>%n Mails während der Pause</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n mails while you were away</source>
        <translation>
            <numerusform>%n Mail in Ihrer Abwesenheit</numerusform>
            <numerusform>%n Mails in Ihrer Abwesenheit</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n new mails</source>
        <translation>
            <numerusform>%n neue Mail</numerusform>
            <numerusform>%n neue Mails</numerusform>
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
        <source>Mailpit refused %n mails</source>
        <translation>
            <numerusform>Mailpit hat %n Mail abgelehnt</numerusform>
            <numerusform>Mailpit hat %n Mails abgelehnt</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n mails are there. The next one appears like this.</source>
        <translation>
            <numerusform>%n Mail ist da. Die nächste erscheint so.</numerusform>
            <numerusform>%n Mails sind da. Die nächste erscheint so.</numerusform>
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
    <name>AppearancePage</name>
    <message>
        <source>Appearance</source>
        <translation>Aussehen</translation>
    </message>
    <message>
        <source>The bar is</source>
        <translation>Die Leiste ist</translation>
    </message>
    <message>
        <source>As the desktop&apos;s windows</source>
        <translation>Wie die Fenster des Desktops</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>The number counts</source>
        <translation>Die Zahl zählt</translation>
    </message>
    <message>
        <source>New mails since you last looked</source>
        <translation>Neue Mails seit dem letzten Blick</translation>
    </message>
    <message>
        <source>All unread mails of the servers</source>
        <translation>Alle ungelesenen Mails der Server</translation>
    </message>
    <message>
        <source>Nothing</source>
        <translation>Nichts</translation>
    </message>
    <message>
        <source>A left click</source>
        <translation>Ein Linksklick</translation>
    </message>
    <message>
        <source>A middle click</source>
        <translation>Ein Mittelklick</translation>
    </message>
    <message>
        <source>A double click</source>
        <translation>Ein Doppelklick</translation>
    </message>
    <message>
        <source>Keep it &amp;above other windows</source>
        <translation>Immer im &amp;Vordergrund</translation>
    </message>
    <message>
        <source>&amp;Hide it when another window is used</source>
        <translation>Ausblenden, wenn ein anderes Fenster &amp;benutzt wird</translation>
    </message>
    <message>
        <source>Shows or hides recent mail</source>
        <translation>Zeigt oder verbirgt die neuesten Mails</translation>
    </message>
    <message>
        <source>Opens the menu</source>
        <translation>Öffnet das Menü</translation>
    </message>
    <message>
        <source>Opens Mailpit</source>
        <translation>Öffnet Mailpit</translation>
    </message>
    <message>
        <source>Opens the newest mail</source>
        <translation>Öffnet die neueste Mail</translation>
    </message>
    <message>
        <source>Does nothing</source>
        <translation>Tut nichts</translation>
    </message>
    <message>
        <source>Tray icon</source>
        <translation>Symbol in der Leiste</translation>
    </message>
    <message>
        <source>The &amp;bar is</source>
        <translation>Die Le&amp;iste ist</translation>
    </message>
    <message>
        <source>The &amp;number counts</source>
        <translation>Die &amp;Zahl zählt</translation>
    </message>
    <message>
        <source>Window of recent mail</source>
        <translation>Fenster der neuesten Mails</translation>
    </message>
    <message>
        <source>A &amp;left click</source>
        <translation>Ein &amp;Linksklick</translation>
    </message>
    <message>
        <source>A &amp;middle click</source>
        <translation>Ein &amp;Mittelklick</translation>
    </message>
    <message>
        <source>A &amp;double click</source>
        <translation>Ein &amp;Doppelklick</translation>
    </message>
    <message>
        <source>On this desktop every click on the icon opens the menu.</source>
        <translation>Auf diesem Desktop öffnet jeder Klick auf das Symbol das Menü.</translation>
    </message>
    <message>
        <source>On GNOME a single click opens the menu; click twice for what a left click does here.</source>
        <translation>Unter GNOME öffnet ein einfacher Klick das Menü; was hier zum Linksklick steht, tut dort ein Doppelklick.</translation>
    </message>
    <message>
        <source>A double click begins with a left click, and does what that does, too.</source>
        <translation>Ein Doppelklick beginnt mit einem Linksklick und tut auch, was dieser tut.</translation>
    </message>
    <message>
        <source>This desktop passes no double clicks on to the icons in its bar.</source>
        <translation>Dieser Desktop gibt Doppelklicks nicht an die Symbole in seiner Leiste weiter.</translation>
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
        <source>Careful: this is NOT the certificate that was trusted for {0}. Either the server got a new one, or somebody is in between and would read your password and your mail.</source>
        <translation>Vorsicht: Das ist NICHT das Zertifikat, dem für {0} vertraut wurde. Entweder hat der Server ein neues, oder jemand sitzt dazwischen und würde Ihr Passwort und Ihre Mails mitlesen.</translation>
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
        <source>Good from</source>
        <translation>Gültig ab</translation>
    </message>
    <message>
        <source>Good until</source>
        <translation>Gültig bis</translation>
    </message>
    <message>
        <source>SHA-256</source>
        <translation>SHA-256</translation>
    </message>
    <message>
        <source>Trusted before</source>
        <translation>Bisher vertraut</translation>
    </message>
    <message>
        <source>(nothing)</source>
        <translation>(nichts)</translation>
    </message>
    <message>
        <source>This computer cannot tell whether it is really {0} that shows it. To trust it means: from now on {0} is believed to be who it says if it shows exactly this certificate, and no other. Compare the fingerprint with the one on the server first.</source>
        <translation>Dieser Rechner kann nicht feststellen, ob es wirklich von {0} kommt. Ihm zu vertrauen heißt: Von nun an gilt {0} als echt, wenn genau dieses Zertifikat gezeigt wird und kein anderes. Vergleichen Sie vorher den Fingerabdruck mit dem auf dem Server.</translation>
    </message>
</context>
<context>
    <name>Closing</name>
    <message>
        <source>Keep notifying when this window is closed? Start the program again to get it back. This desktop shows no tray; on GNOME the AppIndicator extension adds one.</source>
        <translation>Auch bei geschlossenem Fenster weiter benachrichtigen? Ein erneuter Start des Programms holt es zurück. Dieser Desktop zeigt keine Symbole in der Leiste; unter GNOME rüstet die Erweiterung AppIndicator das nach.</translation>
    </message>
    <message>
        <source>Keep notifying</source>
        <translation>Weiter benachrichtigen</translation>
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
</context>
<context>
    <name>CopyWindow</name>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Press Enter to copy. This desktop wants a key or a click first.</source>
        <translation>Zum Kopieren die Eingabetaste drücken. Dieser Desktop verlangt zuerst eine Taste oder einen Klick.</translation>
    </message>
    <message>
        <source>Copy {code}</source>
        <translation>{code} kopieren</translation>
    </message>
</context>
<context>
    <name>Deed</name>
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
        <source>Copy URL of this mail</source>
        <translation>URL dieser Mail kopieren</translation>
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
        <source>&amp;Copy</source>
        <translation>&amp;Kopieren</translation>
    </message>
    <message>
        <source>&amp;Look again</source>
        <translation>&amp;Erneut prüfen</translation>
    </message>
    <message>
        <source>Open l&amp;og</source>
        <translation>&amp;Protokoll öffnen</translation>
    </message>
    <message>
        <source>Open con&amp;figuration file</source>
        <translation>K&amp;onfigurationsdatei öffnen</translation>
    </message>
    <message>
        <source>No passwords and no mail are in it; names and addresses of servers are.</source>
        <translation>Er enthält weder Passwörter noch Mails, aber Namen und Adressen von Servern.</translation>
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
</context>
<context>
    <name>Fault</name>
    <message>
        <source>its name could not be looked up. Check the spelling and the network.</source>
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
        <source>its certificate is not the one that was trusted. Somebody may be in between.</source>
        <translation>das Zertifikat ist nicht das, dem vertraut wurde. Vielleicht sitzt jemand dazwischen.</translation>
    </message>
    <message>
        <source>the proxy does not let us through. Check HTTP_PROXY and NO_PROXY.</source>
        <translation>der Proxy lässt uns nicht durch. Prüfen Sie HTTP_PROXY und NO_PROXY.</translation>
    </message>
    <message>
        <source>it wants another user name or password.</source>
        <translation>Benutzername oder Passwort stimmt nicht.</translation>
    </message>
    <message>
        <source>no answer from the secret store or command that has its password. It may be waiting to be unlocked.</source>
        <translation>keine Antwort vom Schlüsselbund oder Befehl, der das Passwort hat. Vielleicht wartet er darauf, entsperrt zu werden.</translation>
    </message>
    <message>
        <source>its password would travel unencrypted. Use https, or allow it with plain_password in config.toml.</source>
        <translation>das Passwort würde unverschlüsselt gesendet. Verwenden Sie https, oder erlauben Sie es mit plain_password in config.toml.</translation>
    </message>
    <message>
        <source>it blocks this connection (403). Check its CORS and access settings.</source>
        <translation>der Server weist diese Verbindung ab (403). Prüfen Sie seine CORS- und Zugriffseinstellungen.</translation>
    </message>
    <message>
        <source>no Mailpit at this address (404). Check the path (webroot).</source>
        <translation>kein Mailpit unter dieser Adresse (404). Prüfen Sie den Pfad (webroot).</translation>
    </message>
    <message>
        <source>live updates do not get through. A proxy between here and Mailpit may block websockets.</source>
        <translation>Live-Updates kommen nicht durch. Vielleicht blockiert ein Proxy auf dem Weg zu Mailpit Websockets.</translation>
    </message>
    <message>
        <source>new messages are shown, but the list cannot be read and may be out of date. A proxy between here and Mailpit may change its answers.</source>
        <translation>neue Nachrichten werden gezeigt, aber die Liste lässt sich nicht lesen und ist vielleicht veraltet. Möglicherweise verändert ein Proxy auf dem Weg zu Mailpit dessen Antworten.</translation>
    </message>
    <message>
        <source>something answers there, but it is not Mailpit. Check the address.</source>
        <translation>dort antwortet etwas, aber kein Mailpit. Prüfen Sie die Adresse.</translation>
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
        <source>The servers were not noted</source>
        <translation>Die Server wurden nicht gespeichert</translation>
    </message>
    <message>
        <source>There is no demo</source>
        <translation>Es gibt keine Demo</translation>
    </message>
    <message>
        <source>This is a demo. It ends with the program.</source>
        <translation>Das ist eine Demo. Sie endet mit dem Programm.</translation>
    </message>
</context>
<context>
    <name>Footer</name>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>Take back the last delete (Ctrl+Z)</source>
        <translation>Letztes Löschen rückgängig machen (Strg+Z)</translation>
    </message>
    <message>
        <source>Mark all read</source>
        <translation>Alle gelesen</translation>
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
        <source>Connected, but the list cannot be read</source>
        <translation>Verbunden, aber die Liste ist nicht lesbar</translation>
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
    <name>Header</name>
    <message>
        <source>Unread</source>
        <translation>Ungelesen</translation>
    </message>
    <message>
        <source>Show unread mail only</source>
        <translation>Nur ungelesene Mails zeigen</translation>
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
    <name>Mail</name>
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
        <source>Not announced by the rule «{0}».</source>
        <translation>Wegen der Regel „{0}“ nicht gemeldet.</translation>
    </message>
    <message>
        <source>It came while notifications were paused.</source>
        <translation>Kam, während Benachrichtigungen pausiert waren.</translation>
    </message>
    <message>
        <source>It came in a burst, which was announced as one.</source>
        <translation>Kam mit vielen anderen, die gemeinsam gemeldet wurden.</translation>
    </message>
    <message>
        <source>It came while you were away.</source>
        <translation>Kam in Ihrer Abwesenheit.</translation>
    </message>
    <message>
        <source>to {0}</source>
        <translation>an {0}</translation>
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
    <name>MarkReadPrompt</name>
    <message>
        <source>Mark 1 mail in {1} read?</source>
        <translation>1 Mail auf {1} als gelesen markieren?</translation>
    </message>
    <message>
        <source>Mark {0} mails in {1} read?</source>
        <translation>{0} Mails auf {1} als gelesen markieren?</translation>
    </message>
    <message>
        <source>Mark read</source>
        <translation>Als gelesen markieren</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
</context>
<context>
    <name>NotificationsPage</name>
    <message>
        <source>Notifications</source>
        <translation>Benachrichtigungen</translation>
    </message>
    <message>
        <source>&amp;Hide what the mail says: only that there is one</source>
        <translation>&amp;Inhalt verbergen: nur melden, dass eine Mail da ist</translation>
    </message>
    <message>
        <source>Show the &amp;beginning of the text</source>
        <translation>Text&amp;anfang zeigen</translation>
    </message>
    <message>
        <source>Show the s&amp;ender besides the recipient</source>
        <translation>Neben dem Empfänger auch den Absen&amp;der zeigen</translation>
    </message>
    <message>
        <source>Play the desktop&apos;s s&amp;ound</source>
        <translation>&amp;Ton des Desktops abspielen</translation>
    </message>
    <message>
        <source>Sum up what came while you were a&amp;way</source>
        <translation>Zusammenfassen, was in Ihrer Ab&amp;wesenheit kam</translation>
    </message>
    <message>
        <source>Tell when Mailpit re&amp;fuses a mail</source>
        <translation>Melden, wenn Mailpit eine Mail ab&amp;lehnt</translation>
    </message>
    <message>
        <source>&amp;Show me one</source>
        <translation>&amp;Beispiel zeigen</translation>
    </message>
    <message>
        <source>&amp;Copy the code</source>
        <translation>Code &amp;kopieren</translation>
    </message>
    <message>
        <source>Open the &amp;link</source>
        <translation>Link ö&amp;ffnen</translation>
    </message>
    <message>
        <source>&amp;Mark read</source>
        <translation>Als &amp;gelesen markieren</translation>
    </message>
    <message>
        <source>&amp;Delete</source>
        <translation>Lö&amp;schen</translation>
    </message>
    <message>
        <source>What is said</source>
        <translation>Was gezeigt wird</translation>
    </message>
    <message>
        <source>Buttons</source>
        <translation>Schaltflächen</translation>
    </message>
    <message>
        <source>At most {0}: no desktop shows more in full.</source>
        <translation>Höchstens {0}: Kein Desktop zeigt mehr davon ganz.</translation>
    </message>
    <message>
        <source>What else is told</source>
        <translation>Was noch gemeldet wird</translation>
    </message>
</context>
<context>
    <name>Obstacle</name>
    <message>
        <source>This desktop has no service for notifications. dunst and mako are small ones.</source>
        <translation>Dieser Desktop hat keinen Dienst für Benachrichtigungen. dunst und mako sind kleine.</translation>
    </message>
    <message>
        <source>Notifications of this program are switched off in the system&apos;s settings.</source>
        <translation>Benachrichtigungen dieses Programms sind in den Systemeinstellungen abgeschaltet.</translation>
    </message>
    <message>
        <source>«Do not disturb» is on: the system does not show notifications.</source>
        <translation>„Nicht stören“ ist an: Das System zeigt keine Benachrichtigungen.</translation>
    </message>
    <message>
        <source>Open the settings</source>
        <translation>Einstellungen öffnen</translation>
    </message>
</context>
<context>
    <name>PasswordDialog</name>
    <message>
        <source>Password</source>
        <translation>Passwort</translation>
    </message>
    <message>
        <source>Keep it in the system&apos;s secret &amp;store</source>
        <translation>Im &amp;Schlüsselbund des Systems aufbewahren</translation>
    </message>
    <message>
        <source>&amp;Connect</source>
        <translation>&amp;Verbinden</translation>
    </message>
    <message>
        <source>{0} wants a user name and a password.
{1}</source>
        <translation>{0} verlangt Benutzernamen und Passwort.
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
        <source>Pause notifications</source>
        <translation>Benachrichtigungen pausieren</translation>
    </message>
    <message>
        <source>Resume notifications</source>
        <translation>Benachrichtigungen fortsetzen</translation>
    </message>
    <message>
        <source>For 15 minutes</source>
        <translation>Für 15 Minuten</translation>
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
        <source>Show all mail</source>
        <translation>Alle Mails zeigen</translation>
    </message>
    <message>
        <source>Send a test mail</source>
        <translation>Testmail senden</translation>
    </message>
    <message>
        <source>Nothing found</source>
        <translation>Nichts gefunden</translation>
    </message>
    <message>
        <source>None of the mail loaded here fits «{0}».</source>
        <translation>Keine der hier geladenen Mails passt zu „{0}“.</translation>
    </message>
    <message>
        <source>No unread mail</source>
        <translation>Keine ungelesenen Mails</translation>
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
        <source>The list of messages cannot be read</source>
        <translation>Die Liste der Nachrichten lässt sich nicht lesen</translation>
    </message>
    <message>
        <source>Getting the mail of {0}</source>
        <translation>Mails von {0} werden geholt</translation>
    </message>
    <message>
        <source>No mail yet</source>
        <translation>Noch keine Mails</translation>
    </message>
    <message>
        <source>Send one to the SMTP port of Mailpit and it appears here.</source>
        <translation>Senden Sie eine an den SMTP-Port von Mailpit, und sie erscheint hier.</translation>
    </message>
</context>
<context>
    <name>Preferences</name>
    <message>
        <source>The password of {server} did not get to its new address: the secret store failed ({error}). Enter it again.</source>
        <translation>Das Passwort von {server} kam nicht mit zur neuen Adresse: Der Schlüsselbund hat versagt ({error}). Geben Sie es neu ein.</translation>
    </message>
    <message>
        <source>The password of {server} is still in the secret store, which failed ({error}).</source>
        <translation>Das Passwort von {server} liegt noch im Schlüsselbund, der versagt hat ({error}).</translation>
    </message>
    <message>
        <source>Open the file</source>
        <translation>Datei öffnen</translation>
    </message>
    <message>
        <source>{path} could not be opened. It may not be there yet.</source>
        <translation>{path} ließ sich nicht öffnen. Vielleicht ist sie noch nicht da.</translation>
    </message>
    <message>
        <source>Not everything in the settings was done</source>
        <translation>Nicht alles in den Einstellungen wurde erledigt</translation>
    </message>
    <message>
        <source>The start at login could not be changed: {0}.</source>
        <translation>Der Start beim Anmelden ließ sich nicht ändern: {0}.</translation>
    </message>
</context>
<context>
    <name>Questions</name>
    <message>
        <source>The system&apos;s secret store did not take the password ({0}). It is kept until the program ends.</source>
        <translation>Der Schlüsselbund des Systems hat das Passwort nicht angenommen ({0}). Es gilt, bis das Programm endet.</translation>
    </message>
    <message>
        <source>Getting the certificate…</source>
        <translation>Zertifikat wird geholt…</translation>
    </message>
    <message>
        <source>{0} Your answer holds until the program ends.</source>
        <translation>{0} Ihre Antwort gilt, bis das Programm endet.</translation>
    </message>
</context>
<context>
    <name>RecentWindow</name>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Retry now</source>
        <translation>Erneut versuchen</translation>
    </message>
    <message>
        <source>Recent mail</source>
        <translation>Neueste Mails</translation>
    </message>
    <message>
        <source>Load more (there are {0} older mails)</source>
        <translation>Mehr laden (ältere Mails: {0})</translation>
    </message>
</context>
<context>
    <name>RowActions</name>
    <message>
        <source>No code was copied</source>
        <translation>Kein Code wurde kopiert</translation>
    </message>
    <message>
        <source>There is no code in this mail</source>
        <translation>Diese Mail enthält keinen Code</translation>
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
        <source>There is no link in this mail</source>
        <translation>Diese Mail enthält keinen Link</translation>
    </message>
    <message>
        <source>No link in the part that could be read</source>
        <translation>Kein Link in dem Teil, der gelesen werden konnte</translation>
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
        <source>The mail was not saved</source>
        <translation>Die Mail wurde nicht gespeichert</translation>
    </message>
    <message>
        <source>Saved {0}</source>
        <translation>{0} gespeichert</translation>
    </message>
</context>
<context>
    <name>RowMenu</name>
    <message>
        <source>What to do with this mail</source>
        <translation>Aktionen für diese Mail</translation>
    </message>
</context>
<context>
    <name>RuleForm</name>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>What it is for</source>
        <translation>Wofür sie ist</translation>
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
        <source>Words in it</source>
        <translation>Wörter daraus</translation>
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
        <source>Its name or address</source>
        <translation>Name oder Adresse</translation>
    </message>
    <message>
        <source>SMTP user</source>
        <translation>SMTP-Benutzer</translation>
    </message>
    <message>
        <source>Attachments</source>
        <translation>Anhänge</translation>
    </message>
    <message>
        <source>With or without</source>
        <translation>Mit oder ohne</translation>
    </message>
    <message>
        <source>With</source>
        <translation>Mit</translation>
    </message>
    <message>
        <source>Without</source>
        <translation>Ohne</translation>
    </message>
    <message>
        <source>Larger than</source>
        <translation>Größer als</translation>
    </message>
    <message>
        <source>Smaller than</source>
        <translation>Kleiner als</translation>
    </message>
    <message>
        <source>Then</source>
        <translation>Dann</translation>
    </message>
    <message>
        <source>Command</source>
        <translation>Befehl</translation>
    </message>
    <message>
        <source>A program and its arguments; it reads the mail as JSON</source>
        <translation>Programm mit Argumenten; es liest die Mail als JSON</translation>
    </message>
    <message>
        <source>Notify me</source>
        <translation>Benachrichtigen</translation>
    </message>
    <message>
        <source>Say nothing; show it in the list</source>
        <translation>Nicht melden, nur in der Liste zeigen</translation>
    </message>
    <message>
        <source>Hide it here altogether</source>
        <translation>Hier ganz verbergen</translation>
    </message>
    <message>
        <source>Open it in the browser at once</source>
        <translation>Sofort im Browser öffnen</translation>
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
        <source>Mail that meets all of these</source>
        <translation>Mails, auf die all das zutrifft</translation>
    </message>
    <message>
        <source>* stands for any characters, ? for one. /…/ is a regular expression.</source>
        <translation>* steht für beliebige Zeichen, ? für eines. /…/ ist ein regulärer Ausdruck.</translation>
    </message>
    <message>
        <source>Th&amp;en</source>
        <translation>&amp;Dann</translation>
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
        <source>SMTP &amp;user</source>
        <translation>SMTP-Ben&amp;utzer</translation>
    </message>
    <message>
        <source>&amp;Larger than</source>
        <translation>G&amp;rößer als</translation>
    </message>
    <message>
        <source>S&amp;maller than</source>
        <translation>&amp;Kleiner als</translation>
    </message>
    <message>
        <source>Attac&amp;hments</source>
        <translation>Anhän&amp;ge</translation>
    </message>
    <message>
        <source>A quotation mark is missing.</source>
        <translation>Ein Anführungszeichen fehlt.</translation>
    </message>
    <message>
        <source>Name a program, or choose another outcome.</source>
        <translation>Nennen Sie ein Programm, oder wählen Sie etwas anderes.</translation>
    </message>
    <message>
        <source>This is no size. It looks like 500 kB or 2 MB.</source>
        <translation>Das ist keine Größe. Sie sieht so aus: 500 kB oder 2 MB.</translation>
    </message>
</context>
<context>
    <name>RulePreview</name>
    <message>
        <source>Mails that match</source>
        <translation>Passende Mails</translation>
    </message>
    <message>
        <source>Of the mails that are here</source>
        <translation>Von den Mails, die hier sind</translation>
    </message>
    <message>
        <source>It matches {0} of {1}.</source>
        <translation>Passt auf {0} von {1}.</translation>
    </message>
    <message>
        <source>An earlier rule decides about {0} of them.</source>
        <translation>Über {0} davon entscheidet eine frühere Regel.</translation>
    </message>
    <message>
        <source>It matches no message: its regular expression {0}.</source>
        <translation>Sie trifft auf keine Nachricht zu: Ihr regulärer Ausdruck {0}.</translation>
    </message>
    <message>
        <source>{0} (decided by «{1}»)</source>
        <translation>{0} (entschieden von „{1}“)</translation>
    </message>
</context>
<context>
    <name>RulesPage</name>
    <message>
        <source>Rules</source>
        <translation>Regeln</translation>
    </message>
    <message>
        <source>The first rule that matches decides. Without one you are notified.</source>
        <translation>Die erste passende Regel entscheidet. Passt keine, werden Sie benachrichtigt.</translation>
    </message>
    <message>
        <source>Every mail</source>
        <translation>Jede Mail</translation>
    </message>
    <message>
        <source>notify</source>
        <translation>melden</translation>
    </message>
    <message>
        <source>silent</source>
        <translation>still</translation>
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
        <source>Removed a rule: {0}.</source>
        <translation>Regel entfernt: {0}.</translation>
    </message>
</context>
<context>
    <name>Saving</name>
    <message>
        <source>Save mail</source>
        <translation>Mail speichern</translation>
    </message>
    <message>
        <source>Mail (*.eml)</source>
        <translation>Mail (*.eml)</translation>
    </message>
</context>
<context>
    <name>SearchField</name>
    <message>
        <source>Search mail, people, tags, codes</source>
        <translation>Mails, Personen, Tags, Codes</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Suchen</translation>
    </message>
    <message>
        <source>Searches the mail shown here. Enter searches in Mailpit.</source>
        <translation>Durchsucht die hier gezeigten Mails. Die Eingabetaste sucht in Mailpit.</translation>
    </message>
    <message>
        <source>Enter searches in Mailpit</source>
        <translation>Die Eingabetaste sucht in Mailpit</translation>
    </message>
    <message>
        <source>Clear the search</source>
        <translation>Suche leeren</translation>
    </message>
    <message>
        <source>Search mail</source>
        <translation>Mails durchsuchen</translation>
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
        <source>Look at the certificate…</source>
        <translation>Zertifikat ansehen…</translation>
    </message>
    <message>
        <source> (and {0} more)</source>
        <translation> (und {0} weitere)</translation>
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
    <message>
        <source>live updates do not get through, so mail is asked for every few seconds.</source>
        <translation>Live-Updates kommen nicht durch, darum wird alle paar Sekunden nach Mails gefragt.</translation>
    </message>
    <message>
        <source>A proxy on the way may block websockets.</source>
        <translation>Vielleicht blockiert ein Proxy auf dem Weg Websockets.</translation>
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
        <source>&amp;Listen to this server</source>
        <translation>Mit diesem Server &amp;verbinden</translation>
    </message>
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
        <source>User</source>
        <translation>Benutzer</translation>
    </message>
    <message>
        <source>The user</source>
        <translation>Der Benutzer</translation>
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
        <source>As the system says; none for a direct way</source>
        <translation>Wie im System; none für den direkten Weg</translation>
    </message>
    <message>
        <source>Password</source>
        <translation>Passwort</translation>
    </message>
    <message>
        <source>Colour</source>
        <translation>Farbe</translation>
    </message>
    <message>
        <source>Send the password even &amp;unencrypted</source>
        <translation>Passwort auch unver&amp;schlüsselt senden</translation>
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
        <source>&amp;Colour</source>
        <translation>&amp;Farbe</translation>
    </message>
    <message>
        <source>U&amp;ser</source>
        <translation>&amp;Benutzer</translation>
    </message>
    <message>
        <source>Passw&amp;ord</source>
        <translation>&amp;Passwort</translation>
    </message>
    <message>
        <source>Certificates and proxies</source>
        <translation>Zertifikate und Proxys</translation>
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
        <source>C&amp;hoose…</source>
        <translation>Aus&amp;wählen…</translation>
    </message>
    <message>
        <source>Choose a file of certificates</source>
        <translation>Datei mit Zertifikaten auswählen</translation>
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
        <source>Comes from where config.toml says</source>
        <translation>Kommt daher, wo es laut config.toml steht</translation>
    </message>
    <message>
        <source>Unchanged; goes into the system&apos;s secret store</source>
        <translation>Unverändert; kommt in den Schlüsselbund</translation>
    </message>
    <message>
        <source>The password has a field of its own, so that it is kept in the secret store.</source>
        <translation>Das Passwort hat ein eigenes Feld, damit es im Schlüsselbund aufbewahrt wird.</translation>
    </message>
    <message>
        <source>Another server has this address.</source>
        <translation>Ein anderer Server hat diese Adresse.</translation>
    </message>
    <message>
        <source>The file</source>
        <translation>Die Datei</translation>
    </message>
    <message>
        <source>There is no such file.</source>
        <translation>Diese Datei gibt es nicht.</translation>
    </message>
    <message>
        <source>A password needs a user. Enter the user first.</source>
        <translation>Zu einem Passwort gehört ein Benutzer. Geben Sie zuerst den Benutzer ein.</translation>
    </message>
    <message>
        <source>File of certificates</source>
        <translation>Datei mit Zertifikaten</translation>
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
    <name>ServersPage</name>
    <message>
        <source>Servers</source>
        <translation>Server</translation>
    </message>
    <message>
        <source>This run listens to the servers of the command line. These here are for a start without it.</source>
        <translation>Zurzeit gelten die Server von der Befehlszeile. Diese hier gelten für einen Start ohne sie.</translation>
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
        <source>There is a server with this address already.</source>
        <translation>Es gibt schon einen Server mit dieser Adresse.</translation>
    </message>
    <message>
        <source>It was changed in the file meanwhile. Look at it again.</source>
        <translation>In der Datei wurde das inzwischen geändert. Sehen Sie es sich noch einmal an.</translation>
    </message>
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
        <source>must be a text in quotes, on one line.</source>
        <translation>muss ein Text auf einer Zeile sein.</translation>
    </message>
    <message>
        <source>must be a SHA-256 fingerprint of 64 hexadecimal digits.</source>
        <translation>muss ein SHA-256-Fingerabdruck aus 64 Hexadezimalziffern sein.</translation>
    </message>
    <message>
        <source>This address cannot be read. It looks like http://localhost:8025/.</source>
        <translation>Diese Adresse ist nicht lesbar. Sie sieht so aus: http://localhost:8025/</translation>
    </message>
    <message>
        <source>The address of a Mailpit starts with http:// or https://.</source>
        <translation>Die Adresse eines Mailpit beginnt mit http:// oder https://.</translation>
    </message>
    <message>
        <source>This address has no host name. It looks like http://localhost:8025/.</source>
        <translation>Dieser Adresse fehlt der Rechnername. Sie sieht so aus: http://localhost:8025/</translation>
    </message>
    <message>
        <source>The address of a Mailpit has no ? or # in it.</source>
        <translation>In der Adresse eines Mailpit stehen weder ? noch #.</translation>
    </message>
    <message>
        <source>Trying…</source>
        <translation>Wird getestet…</translation>
    </message>
    <message>
        <source>{0} answers: {1} mails, {2} unread. Live updates get through.</source>
        <translation>{0} antwortet: {1} Mails, {2} ungelesen. Live-Updates kommen durch.</translation>
    </message>
    <message>
        <source>The password is kept in the system&apos;s secret store.</source>
        <translation>Das Passwort liegt im Schlüsselbund des Systems.</translation>
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
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
</context>
<context>
    <name>StartUpPage</name>
    <message>
        <source>Start-up</source>
        <translation>Start</translation>
    </message>
    <message>
        <source>&amp;Start when I log in</source>
        <translation>Beim Anmelden &amp;starten</translation>
    </message>
    <message>
        <source>It starts in the tray. The window stays hidden until you open it; a second start shows it.</source>
        <translation>Es startet in der Leiste. Das Fenster bleibt verborgen, bis Sie es öffnen; ein zweiter Start zeigt es.</translation>
    </message>
</context>
<context>
    <name>StatusBanner</name>
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
</context>
<context>
    <name>Tray</name>
    <message>
        <source>1 new mail</source>
        <translation>1 neue Mail</translation>
    </message>
    <message>
        <source>{0} new mails</source>
        <translation>{0} neue Mails</translation>
    </message>
</context>
<context>
    <name>TrayMenu</name>
    <message>
        <source>Show recent mail</source>
        <translation>Neueste Mails zeigen</translation>
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
    <message>
        <source>Open {0}</source>
        <translation>{0} öffnen</translation>
    </message>
</context>
<context>
    <name>Welcome</name>
    <message>
        <source>Use these</source>
        <translation>Diese verwenden</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>Erneut suchen</translation>
    </message>
    <message>
        <source>Show me a demo</source>
        <translation>Demo zeigen</translation>
    </message>
    <message>
        <source>At {0}, and with DDEV, Docker and Podman, where they are installed.</source>
        <translation>Unter {0} und mit DDEV, Docker und Podman, soweit installiert.</translation>
    </message>
    <message>
        <source>Looking for Mailpit</source>
        <translation>Mailpit wird gesucht</translation>
    </message>
    <message>
        <source>{0} (running)</source>
        <translation>{0} (in Betrieb)</translation>
    </message>
    <message>
        <source>{0} (stopped)</source>
        <translation>{0} (angehalten)</translation>
    </message>
    <message>
        <source>Use this</source>
        <translation>Diesen verwenden</translation>
    </message>
    <message>
        <source>Only {0}</source>
        <translation>Nur {0}</translation>
    </message>
    <message>
        <source>Not now</source>
        <translation>Nicht jetzt</translation>
    </message>
    <message>
        <source>Their mails are announced and listed here. A stopped one is connected when it starts.</source>
        <translation>Ihre Mails werden gemeldet und hier aufgelistet. Ein angehaltener wird verbunden, sobald er startet.</translation>
    </message>
    <message>
        <source>Their mails are announced and listed here.</source>
        <translation>Ihre Mails werden gemeldet und hier aufgelistet.</translation>
    </message>
    <message>
        <source>Found {0}</source>
        <translation>Gefunden: {0}</translation>
    </message>
    <message>
        <source>Start one, and its mails appear here: {0} is tried every few seconds. For example:</source>
        <translation>Starten Sie eines, und seine Mails erscheinen hier: {0} wird alle paar Sekunden versucht. Zum Beispiel:</translation>
    </message>
    <message>
        <source>No Mailpit found</source>
        <translation>Kein Mailpit gefunden</translation>
    </message>
    <message>
        <source>{0} and {1} more</source>
        <translation>{0} und {1} weitere</translation>
    </message>
</context>
<context>
    <name>notify</name>
    <message>
        <source>The page was not opened</source>
        <translation>Die Seite wurde nicht geöffnet</translation>
    </message>
    <message>
        <source>There is no browser, or it does not start.</source>
        <translation>Es gibt keinen Browser, oder er startet nicht.</translation>
    </message>
    <message>
        <source>The test mail was not sent</source>
        <translation>Die Testmail wurde nicht gesendet</translation>
    </message>
    <message>
        <source>Its server is no longer in the settings.</source>
        <translation>Der Server ist nicht mehr in den Einstellungen.</translation>
    </message>
    <message>
        <source>Not marked read</source>
        <translation>Nicht als gelesen markiert</translation>
    </message>
    <message>
        <source>Not marked unread</source>
        <translation>Nicht als ungelesen markiert</translation>
    </message>
    <message>
        <source>The mail was not deleted</source>
        <translation>Die Mail wurde nicht gelöscht</translation>
    </message>
    <message>
        <source>Your Acme code</source>
        <translation>Ihr Acme-Code</translation>
    </message>
    <message>
        <source>This is an example. Your mail will look like this.</source>
        <translation>Das ist ein Beispiel. So werden Ihre Mails aussehen.</translation>
    </message>
    <message>
        <source>1 new mail</source>
        <translation>1 neue Mail</translation>
    </message>
    <message>
        <source>{mails} in {server}</source>
        <translation>{mails} auf {server}</translation>
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
        <source>New mail</source>
        <translation>Neue Mail</translation>
    </message>
    <message>
        <source>Deleted: {subject}</source>
        <translation>Gelöscht: {subject}</translation>
    </message>
    <message>
        <source>Mail deleted</source>
        <translation>Mail gelöscht</translation>
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
        <source>Mark read</source>
        <translation>Als gelesen markieren</translation>
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
        <source>The configuration needs a look</source>
        <translation>Die Konfiguration braucht einen Blick</translation>
    </message>
    <message>
        <source>{program} was updated</source>
        <translation>{program} wurde aktualisiert</translation>
    </message>
    <message>
        <source>Start it again to use the new version. No mail is missed.</source>
        <translation>Ein Neustart lädt die neue Version. Keine Mail geht verloren.</translation>
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
        <source>It goes on running. Please report the error with the log: {path}</source>
        <translation>Das Programm läuft weiter. Bitte melden Sie den Fehler mit dem Protokoll: {path}</translation>
    </message>
    <message>
        <source>Cannot save which messages were announced</source>
        <translation>Kann nicht speichern, welche Mails gemeldet wurden</translation>
    </message>
    <message>
        <source>{error}. After a restart they may be announced again.</source>
        <translation>{error}. Nach einem Neustart werden sie vielleicht noch einmal gemeldet.</translation>
    </message>
    <message>
        <source>Rule &quot;{rule}&quot; is off</source>
        <translation>Die Regel „{rule}“ ist aus</translation>
    </message>
    <message>
        <source>Its regular expression {reason}. It matches no message until you change it.</source>
        <translation>Ihr regulärer Ausdruck {reason}. Die Regel trifft auf keine Nachricht zu, bis Sie sie ändern.</translation>
    </message>
    <message>
        <source>Mailpit refused a mail</source>
        <translation>Mailpit hat eine Mail abgelehnt</translation>
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
        <source>Connected to Mailpit at {address}</source>
        <translation>Verbunden mit Mailpit unter {address}</translation>
    </message>
    <message>
        <source>No mail is there yet. The first one appears like this.</source>
        <translation>Noch ist keine Mail da. Die erste erscheint so.</translation>
    </message>
    <message>
        <source>1 mail is there. The next one appears like this.</source>
        <translation>1 Mail ist da. Die nächste erscheint so.</translation>
    </message>
    <message>
        <source>Send a test mail</source>
        <translation>Testmail senden</translation>
    </message>
    <message>
        <source>Too many mails wait for it.</source>
        <translation>Zu viele Mails warten darauf.</translation>
    </message>
    <message>
        <source>The command of «{rule}» failed</source>
        <translation>Der Befehl von „{rule}“ ist fehlgeschlagen</translation>
    </message>
    <message>
        <source>{command} was ended after {count} seconds.</source>
        <translation>{command} wurde nach {count} Sekunden beendet.</translation>
    </message>
    <message>
        <source>{command} cannot be run: {reason}.</source>
        <translation>{command} lässt sich nicht ausführen: {reason}.</translation>
    </message>
    <message>
        <source>{command} ended with status {status}.</source>
        <translation>{command} endete mit Status {status}.</translation>
    </message>
</context>
</TS>
