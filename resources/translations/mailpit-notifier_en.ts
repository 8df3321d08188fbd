<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name></name>
    <message numerus="yes">
        <source>%n mails while paused</source>
        <translation>
            <numerusform>%n mail while paused</numerusform>
            <numerusform>%n mails while paused</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n mails while you were away</source>
        <translation>
            <numerusform>%n mail while you were away</numerusform>
            <numerusform>%n mails while you were away</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n new mails</source>
        <translation>
            <numerusform>%n new mail</numerusform>
            <numerusform>%n new mails</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>To {address} and %n more</source>
        <translation>
            <numerusform>To {address} and %n more</numerusform>
            <numerusform>To {address} and %n more</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Mailpit refused %n mails</source>
        <translation>
            <numerusform>Mailpit refused %n mail</numerusform>
            <numerusform>Mailpit refused %n mails</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n mails are there. The next one appears like this.</source>
        <translation>
            <numerusform>%n mail is there. The next one appears like this.</numerusform>
            <numerusform>%n mails are there. The next one appears like this.</numerusform>
        </translation>
    </message>
</context>
</TS>
