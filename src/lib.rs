//! Watchfloor: a terminal console for Microsoft Defender XDR and Entra tenants.
