; The installer for one user: needs no administrator, and changes only the user's folders and registry.
; `packaging/dev package windows` calls it with VERSION, PAYLOAD, ICON, OUTPUT, NAME, TITLE and SIZE (KiB).
;
; The folder name has no version, so that autostart, a pinned icon and the shortcut still work after an update.
; TITLE is also the AppUserModelID: the shortcut must have the same one as the notifications, or Windows drops these
; silently.

Target amd64-unicode
Unicode true
SetCompressor /SOLID lzma
Name "${TITLE}"
OutFile "${OUTPUT}"
RequestExecutionLevel user
InstallDir "$LOCALAPPDATA\Programs\${TITLE}"
InstallDirRegKey HKCU "Software\${NAME}" "Folder"
Icon "${ICON}"
UninstallIcon "${ICON}"
ManifestDPIAware true

!include MUI2.nsh
!include LogicLib.nsh
!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_FINISHPAGE_RUN "$INSTDIR\${NAME}w.exe"
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

; Files in use cannot be replaced. `quit` removes the notifications and ends the program at once.
!macro CloseRunning
  StrCpy $WasRunning 0
  ${If} ${FileExists} "$INSTDIR\${NAME}.exe"
    nsExec::Exec '"$INSTDIR\${NAME}.exe" quit'
    Pop $0
    ${If} $0 == 0
      StrCpy $WasRunning 1
    ${EndIf}
    ${For} $1 1 50
      Delete "$INSTDIR\${NAME}w.exe"
      ${IfNot} ${FileExists} "$INSTDIR\${NAME}w.exe"
        ${Break}
      ${EndIf}
      Sleep 100
    ${Next}
  ${EndIf}
!macroend

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
  !insertmacro CloseRunning
  SetOutPath "$INSTDIR"
  RMDir /r "$INSTDIR\_internal"
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
    Exec '"$INSTDIR\${NAME}w.exe" --hidden'
  ${EndIf}
SectionEnd

Section "Command for the terminal (PATH)" Path
  ; By PowerShell: an NSIS string holds 1,024 characters, and a longer PATH would be cut off.
  nsExec::Exec `powershell -NoProfile -Command "$$p = [Environment]::GetEnvironmentVariable('Path', 'User'); if (($$p -split ';') -notcontains '$INSTDIR') { [Environment]::SetEnvironmentVariable('Path', (@($$p -split ';' | ? { $$_ }) + '$INSTDIR') -join ';', 'User') }"`
  Pop $0
SectionEnd

Section /o "Start when I log in" Autostart
  nsExec::Exec '"$INSTDIR\${NAME}w.exe" autostart on'
  Pop $0
SectionEnd

Section "un.${TITLE}"
  !insertmacro CloseRunning
  nsExec::Exec `powershell -NoProfile -Command "$$p = [Environment]::GetEnvironmentVariable('Path', 'User'); [Environment]::SetEnvironmentVariable('Path', (@($$p -split ';' | ? { $$_ -and $$_ -ne '$INSTDIR' }) -join ';'), 'User')"`
  Pop $0
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
