<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name></name>
    <message numerus="yes">
        <source>{address} and %n more</source>
        <translation>
            <numerusform>{address} and %n more</numerusform>
            <numerusform>{address} and %n more</numerusform>
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
        <source>%n messages while paused</source>
        <translation>
            <numerusform>%n message while paused</numerusform>
            <numerusform>%n messages while paused</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n messages while you were away</source>
        <translation>
            <numerusform>%n message while you were away</numerusform>
            <numerusform>%n messages while you were away</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n messages while muted</source>
        <translation>
            <numerusform>%n message while muted</numerusform>
            <numerusform>%n messages while muted</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n messages while {server} was muted</source>
        <translation>
            <numerusform>%n message while {server} was muted</numerusform>
            <numerusform>%n messages while {server} was muted</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n new messages</source>
        <translation>
            <numerusform>%n new message</numerusform>
            <numerusform>%n new messages</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Mailpit rejected %n messages</source>
        <translation>
            <numerusform>Mailpit rejected %n message</numerusform>
            <numerusform>Mailpit rejected %n messages</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>It has %n messages. The next one will appear like this.</source>
        <translation>
            <numerusform>It has %n message. The next one will appear like this.</numerusform>
            <numerusform>It has %n messages. The next one will appear like this.</numerusform>
        </translation>
    </message>
</context>
</TS>
