// What makes the app pleasanter where scripts run; every page can be read and used without.
"use strict";
