; The installer for one user: needs no administrator, and changes only the user's folders and registry.
; `packaging/dev package windows` calls it with VERSION, PAYLOAD, ICON, OUTPUT, NAME, TITLE, SIZE (KiB) and,
; on Windows, TARGET: NSIS's own builds for Windows make 32-bit installers only.
;
; The folder name has no version, so that autostart, a pinned icon and the shortcut still work after an update.
; TITLE is also the AppUserModelID: the shortcut must have the same one as the notifications, or Windows drops these
; silently.

!ifndef TARGET
  !define TARGET amd64-unicode
!endif
Target ${TARGET}
Unicode true
!ifdef QUICK ; for tests
  SetCompressor zlib
!else
  SetCompressor /SOLID lzma
  SetCompressorDictSize 64 ; MB: most files are in it at once, and both programs and some libraries are nearly the same
!endif
Name "${TITLE}"
OutFile "${OUTPUT}"
RequestExecutionLevel user
InstallDir "$LOCALAPPDATA\Programs\${TITLE}"
InstallDirRegKey HKCU "Software\${NAME}" "Folder"
Icon "${ICON}"
UninstallIcon "${ICON}"
ManifestDPIAware true
AllowSkipFiles off ; else a silent installation skips files that it cannot write, and mixes versions

!include MUI2.nsh
!include LogicLib.nsh
!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_FINISHPAGE_RUN "$INSTDIR\${NAME}w.exe"
!define MUI_FINISHPAGE_RUN_PARAMETERS "--after-upgrade"
!define MUI_FINISHPAGE_RUN_TEXT "Start ${TITLE}"
!insertmacro MUI_PAGE_COMPONENTS
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "German"

!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\${NAME}"
!define RUN "Software\Microsoft\Windows\CurrentVersion\Run"
!define APPROVED "Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"
!define IDENTITY "Software\Classes\AppUserModelId\${TITLE}"
!define SHORTCUT "$SMPROGRAMS\${TITLE}.lnk"
!define IID_IPersistFile "{0000010b-0000-0000-C000-000000000046}"
!define CLSID_ShellLink "{00021401-0000-0000-C000-000000000046}"
!define IID_IShellLink "{000214F9-0000-0000-C000-000000000046}"
!define IID_IPropertyStore "{886D8EEB-8CF2-4446-8D02-CDBA1DBDCF99}"

Var WasRunning

LangString StillRunning ${LANG_ENGLISH} "${TITLE} is still running, or one of its commands in a terminal. \
  Close it, or end its process in the Task Manager, and try again. Nothing was changed."
LangString StillRunning ${LANG_GERMAN} "${TITLE} oder einer seiner Befehle in einem Terminal läuft noch. \
  Schließen Sie es oder beenden Sie den Prozess im Task-Manager und versuchen Sie es erneut. Nichts wurde geändert."
LangString InUse ${LANG_ENGLISH} "Files of ${TITLE} are used by another program. Restart Windows and try again."
LangString InUse ${LANG_GERMAN} "Dateien von ${TITLE} werden von einem anderen Programm verwendet. \
  Starten Sie Windows neu und versuchen Sie es erneut."

!macro Functions un

; Counts in $3 if the program in the file $2 runs: Windows does not let it be written then.
Function ${un}CountRunning
  ${If} ${FileExists} "$2" ; else it would be created
    ClearErrors
    FileOpen $4 "$2" a
    ${If} ${Errors}
      IntOp $3 $3 + 1
    ${Else}
      FileClose $4
    ${EndIf}
  ${EndIf}
FunctionEnd

; Files in use cannot be replaced. `quit` removes the notifications and ends the program at once. Both programs must
; have ended before anything is changed, so that no versions are mixed.
Function ${un}CloseRunning
  StrCpy $WasRunning 0
  ${If} ${FileExists} "$INSTDIR\${NAME}.exe"
    nsExec::Exec /TIMEOUT=15000 '"$INSTDIR\${NAME}.exe" quit --for-upgrade'
    Pop $0
    ${If} $0 == 0
      StrCpy $WasRunning 1
    ${EndIf}
  ${EndIf}
again:
  ${For} $1 1 40
    StrCpy $3 0
    StrCpy $2 "$INSTDIR\${NAME}.exe"
    Call ${un}CountRunning
    StrCpy $2 "$INSTDIR\${NAME}w.exe"
    Call ${un}CountRunning
    ${If} $3 = 0
      Return
    ${EndIf}
    Sleep 250
  ${Next}
  MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(StillRunning)" /SD IDCANCEL IDRETRY again
  ${If} $WasRunning = 1 ; then one of its commands does not end
    Exec '"$INSTDIR\${NAME}w.exe" --after-upgrade --hidden'
  ${EndIf}
  SetErrorLevel 2
  Abort "$(StillRunning)"
FunctionEnd

; Adds the folder to the user's PATH ($R0 is "add") or removes it. The value may be longer than the 1,024 characters of
; an NSIS string and may contain %NAME%. So it stays in a buffer, and keeps its type (REG_SZ or REG_EXPAND_SZ).
Function ${un}EditPath
  System::Call 'advapi32::RegCreateKeyExW(p 0x80000001, w "Environment", i 0, p 0, i 0, i 3, p 0, *p .r1, p 0) i.r0'
  ${If} $0 <> 0
    Return
  ${EndIf}
  System::Call 'advapi32::RegQueryValueExW(p r1, w "Path", p 0, *i 0 r2, p 0, *i 0 r3) i.r0'
  IntOp $4 $3 + 4096
  System::Alloc $4
  Pop $4 ; ";" and the value, which then ends with ";"
  System::Call 'kernel32::lstrcpyW(p r4, w ";")'
  IntPtrOp $5 $4 + 2
  ${If} $0 = 0
    System::Call 'advapi32::RegQueryValueExW(p r1, w "Path", p 0, p 0, p r5, *i r3 r3)'
  ${Else}
    StrCpy $2 2 ; REG_EXPAND_SZ
  ${EndIf}
  System::Call 'kernel32::lstrlenW(p r4) i.r6'
  IntOp $6 $6 * 2
  IntPtrOp $6 $4 + $6
  IntPtrOp $6 $6 - 2
  System::Call '*$6(&i2 .r7)'
  StrCpy $8 0 ; whether the value ends with ";"
  ${If} $7 = 59
    StrCpy $8 1
  ${Else}
    System::Call 'kernel32::lstrcatW(p r4, w ";")'
  ${EndIf}
  StrCpy $9 ";$INSTDIR;"
  System::Call 'shlwapi::StrStrIW(p r4, w r9) p.r6'
  ${If} $R0 == "add"
    ${If} $6 P<> 0
      Goto done
    ${EndIf}
    System::Call 'kernel32::lstrcatW(p r4, w "$INSTDIR")'
  ${Else}
    ${If} $6 P= 0
      Goto done
    ${EndIf}
    StrLen $7 "$INSTDIR"
    IntOp $7 $7 + 1
    IntOp $7 $7 * 2
    IntPtrOp $7 $6 + $7 ; what follows the folder, with its ";"
    System::Call 'kernel32::lstrlenW(p r7) i.r9'
    IntOp $9 $9 + 1
    IntOp $9 $9 * 2
    System::Call 'ntdll::RtlMoveMemory(p r6, p r7, p r9)'
    System::Call 'kernel32::lstrlenW(p r4) i.r6'
    ${If} $8 = 0
    ${AndIf} $6 > 1
      IntOp $6 $6 * 2
      IntPtrOp $6 $4 + $6
      IntPtrOp $6 $6 - 2
      System::Call '*$6(&i2 0)'
    ${EndIf}
  ${EndIf}
  System::Call 'kernel32::lstrlenW(p r5) i.r6'
  ${If} $6 = 0
    System::Call 'advapi32::RegDeleteValueW(p r1, w "Path")'
  ${Else}
    IntOp $6 $6 + 1
    IntOp $6 $6 * 2
    System::Call 'advapi32::RegSetValueExW(p r1, w "Path", i 0, i r2, p r5, i r6)'
  ${EndIf}
  SendMessage ${HWND_BROADCAST} ${WM_SETTINGCHANGE} 0 "STR:Environment" /TIMEOUT=5000 ; new terminals read it
done:
  System::Free $4
  System::Call 'advapi32::RegCloseKey(p r1)'
FunctionEnd

!macroend

!insertmacro Functions ""
!insertmacro Functions "un."

; CreateShortcut cannot set an AppUserModelID, so use the shell's COM interface.
; {9F4C2855-9F79-4B39-A8D0-E1D42DE1D5F3}, 5 is PKEY_AppUserModel_ID (propkey.h).
Function NameShortcut
  System::Call 'ole32::CoCreateInstance(g "${CLSID_ShellLink}", p 0, i 1, g "${IID_IShellLink}", *p .r0) i.r1'
  ${If} $1 <> 0
    Return
  ${EndIf}
  System::Call '$0->0(g "${IID_IPersistFile}", *p .r2)'
  System::Call '$2->5(w "${SHORTCUT}", i 2)'
  System::Call '$0->0(g "${IID_IPropertyStore}", *p .r3)'
  ${If} $3 <> 0
    System::Call '*(&g16 "{9F4C2855-9F79-4B39-A8D0-E1D42DE1D5F3}", i 5) p.r4'
    System::Call 'ole32::CoTaskMemAlloc(p 512) p.r6'
    System::Call 'kernel32::lstrcpyW(p r6, w "${TITLE}")'
    System::Call '*(&i2 31, &i2 0, &i2 0, &i2 0, p r6, p 0) p.r5'
    System::Call '$3->6(p r4, p r5)'
    System::Call '$3->7()'
    System::Call 'ole32::PropVariantClear(p r5)'
    System::Free $5
    System::Free $4
    System::Call '$3->2()'
    System::Call '$2->6(w "${SHORTCUT}", i 1)'
  ${EndIf}
  System::Call '$2->2()'
  System::Call '$0->2()'
FunctionEnd

Section "${TITLE}" Program
  SectionIn RO
  Call CloseRunning
  SetOutPath "$INSTDIR"
  ClearErrors
  RMDir /r "$INSTDIR\_internal"
  ${If} ${Errors}
    MessageBox MB_OK|MB_ICONEXCLAMATION "$(InUse)" /SD IDOK
    SetErrorLevel 2
    Abort "$(InUse)"
  ${EndIf}
  File /r "${PAYLOAD}\*" ; on Windows NSIS parts folders at \ alone
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "${SHORTCUT}" "$INSTDIR\${NAME}w.exe"
  Call NameShortcut
  WriteRegStr HKCU "Software\${NAME}" "Folder" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "${TITLE}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\${NAME}w.exe"
  WriteRegStr HKCU "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL}" "EstimatedSize" ${SIZE}
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
  ${If} $WasRunning = 1
  ${AndIf} ${Silent}
    Exec '"$INSTDIR\${NAME}w.exe" --after-upgrade --hidden'
  ${EndIf}
SectionEnd

Section "Command for the terminal (PATH)" Path
  StrCpy $R0 "add"
  Call EditPath
SectionEnd

Section /o "Start when I log in" Autostart
  nsExec::Exec /TIMEOUT=15000 '"$INSTDIR\${NAME}w.exe" autostart on'
  Pop $0
SectionEnd

Section "un.${TITLE}"
  Call un.CloseRunning
  StrCpy $R0 "remove"
  Call un.EditPath
  DeleteRegValue HKCU "${RUN}" "${TITLE}"
  DeleteRegValue HKCU "${APPROVED}" "${TITLE}"
  ; The identity under which it notified, and with it what is left in the notification centre.
  DeleteRegKey HKCU "${IDENTITY}"
  DeleteRegKey HKCU "Software\Microsoft\Windows\CurrentVersion\Notifications\Settings\${TITLE}"
  DeleteRegKey HKCU "${UNINSTALL}"
  DeleteRegKey HKCU "Software\${NAME}"
  Delete "${SHORTCUT}"
  RMDir /r "$INSTDIR\_internal"
  RMDir /r "$INSTDIR\licences"
  Delete "$INSTDIR\${NAME}.exe"
  Delete "$INSTDIR\${NAME}w.exe"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
SectionEnd
