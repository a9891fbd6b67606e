/* Bad input of every kind, with the answer it must get. */
#include "tests/support/intake_caller.h"

#define PUT      "UnitService/PutUnit"
#define SUBMIT   "ReportService/SubmitReport"
#define WITHDRAW "ReportService/WithdrawReport"
#define CONFIRM  "ReportService/ConfirmStaffing"
#define NOTIFY   "AbsenceService/NotifyAbsence"
#define UPDATE   "AbsenceService/UpdateAbsence"
#define CANCEL   "AbsenceService/CancelAbsence"

#define OWNER "{'orgNumber': '2321000016', 'form': 'PRIVATE', 'firstDay': '2020-01-01'}"
/* A unit that is good but for what is said. */
#define UNIT_WITH(hsa_id, name, region, email, owners, opened, closed)                             \
    "{'unit': {'hsaId': '" hsa_id "', 'name': '" name "', 'regionCode': '" region                  \
    "', 'email': '" email "', 'owners': [" owners "], 'openedOn': '" opened                        \
    "', 'closedOn': '" closed "'}}"
#define UNIT_OWNED(owners) UNIT_WITH("SE2321000016-N1", "Ny", "19", "", owners, "2020-01-01", "")

/* A report that is good but for what is said. */
#define REPORT_ON(unit, group, day, rest)                                                          \
    "{'report': {'unit': '" unit "', 'professionGroup': '" group "', 'effectiveFrom': '" day       \
    "'" rest "}}"
#define REPORT_WITH(rest)    REPORT_ON(UNIT_A, GROUP, "2022-01-01", rest)
#define POSITIONS(positions) REPORT_WITH(", 'positions': [" positions "]")
#define POSITION(key, fte)   POSITION_WITH(key, "FT", "EMPLOYED", fte, "")
#define POSITION_WITH(key, title, employment, fte, rest)                                           \
    "{'positionKey': '" key "', 'titleCode': '" title "', 'employment': '" employment              \
    "', 'fteMilli': " fte rest "}"
#define CORRECTION(id) REPORT_WITH(", 'correctsReportId': '" id "'")
#define ORIGINAL(original)                                                                         \
    "{'report': {'unit': '" UNIT_A "', 'professionGroup': '" GROUP                                 \
    "', 'effectiveFrom': '2022-01-01'}, 'original': " original "}"

/* An absence that is good but for what is said. */
#define ABSENCE_ON(unit, group, key, first, last, rest)                                            \
    "{'absence': {'unit': '" unit "', 'professionGroup': '" group "', 'positionKey': '" key        \
    "', 'firstDay': '" first "', 'expectedLastDay': '" last "'" rest "}}"
#define ABSENCE_WITH(rest) ABSENCE_ON(UNIT_A, GROUP, "p1", "2022-06-01", "", rest)

#define UNKNOWN_ID "0190163d-8694-739b-aea5-966c26f8ad91"
#define TEN        "aaaaaaaaaa"
#define HUNDRED    TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

#define INVALID NIVA_INVALID_ARGUMENT
#define BLOCKED NIVA_FAILED_PRECONDITION

const struct bad_case bad_cases[] = {
    /* units */
    {"no unit", PUT, "{}", INVALID, "unit", "REQUIRED"},
    {"empty HSA-id", PUT, UNIT_WITH("", "Ny", "19", "", OWNER, "2020-01-01", ""), INVALID,
     "unit.hsaId", "REQUIRED"},
    {"bad HSA-id", PUT, UNIT_WITH("NO2321000016-A1", "Ny", "19", "", OWNER, "2020-01-01", ""),
     INVALID, "unit.hsaId", "HSA_ID_MALFORMED"},
    {"HSA-id with å", PUT, UNIT_WITH("SE2321000016-Å1", "Ny", "19", "", OWNER, "2020-01-01", ""),
     INVALID, "unit.hsaId", "HSA_ID_MALFORMED"},
    {"over-long HSA-id", PUT,
     UNIT_WITH("SE2321000016-A123456789012345678", "Ny", "19", "", OWNER, "2020-01-01", ""),
     INVALID, "unit.hsaId", "HSA_ID_MALFORMED"},
    {"no name", PUT, UNIT_WITH("SE2321000016-N1", "", "19", "", OWNER, "2020-01-01", ""), INVALID,
     "unit.name", "REQUIRED"},
    {"over-long name", PUT,
     UNIT_WITH("SE2321000016-N1", HUNDRED HUNDRED "a", "19", "", OWNER, "2020-01-01", ""), INVALID,
     "unit.name", "TEXT_TOO_LONG"},
    {"name on two lines", PUT,
     UNIT_WITH("SE2321000016-N1", "Ny\\nTill", "19", "", OWNER, "2020-01-01", ""), INVALID,
     "unit.name", "TEXT_NOT_ONE_LINE"},
    {"bad region", PUT, UNIT_WITH("SE2321000016-N1", "Ny", "1", "", OWNER, "2020-01-01", ""),
     INVALID, "unit.regionCode", "REGION_MALFORMED"},
    {"bad e-mail", PUT, UNIT_WITH("SE2321000016-N1", "Ny", "19", "a@", OWNER, "2020-01-01", ""),
     INVALID, "unit.email", "EMAIL_MALFORMED"},
    {"e-mail with a space", PUT,
     UNIT_WITH("SE2321000016-N1", "Ny", "19", "a b@c.se", OWNER, "2020-01-01", ""), INVALID,
     "unit.email", "EMAIL_MALFORMED"},
    {"no owner", PUT, UNIT_OWNED(""), INVALID, "unit.owners", "REQUIRED"},
    {"bad organisation number", PUT,
     UNIT_OWNED("{'orgNumber': '2321000017', 'form': 'PRIVATE', 'firstDay': '2020-01-01'}"),
     INVALID, "unit.owners[0].orgNumber", "ORG_NUMBER_INVALID"},
    {"organisation number with hyphen", PUT,
     UNIT_OWNED("{'orgNumber': '232100-0016', 'form': 'PRIVATE', 'firstDay': '2020-01-01'}"),
     INVALID, "unit.owners[0].orgNumber", "ORG_NUMBER_INVALID"},
    {"no form", PUT, UNIT_OWNED("{'orgNumber': '2321000016', 'firstDay': '2020-01-01'}"), INVALID,
     "unit.owners[0].form", "REQUIRED"},
    {"owner without day", PUT, UNIT_OWNED("{'orgNumber': '2321000016', 'form': 'PRIVATE'}"),
     INVALID, "unit.owners[0].firstDay", "REQUIRED"},
    {"owners on the same day", PUT, UNIT_OWNED(OWNER ", " OWNER), INVALID,
     "unit.owners[1].firstDay", "OWNERS_NOT_IN_ORDER"},
    {"no opening day", PUT, UNIT_WITH("SE2321000016-N1", "Ny", "19", "", OWNER, "", ""), INVALID,
     "unit.openedOn", "REQUIRED"},
    {"closed before opened", PUT,
     UNIT_WITH("SE2321000016-N1", "Ny", "19", "", OWNER, "2020-01-02", "2020-01-01"), INVALID,
     "unit.closedOn", "LAST_DAY_BEFORE_FIRST"},
    {"negative version", PUT,
     "{'expectedVersion': -1, 'unit': {'hsaId': 'SE2321000016-N1', 'name': 'Ny', 'regionCode': "
     "'19', 'owners': [" OWNER "], 'openedOn': '2020-01-01'}}",
     INVALID, "expectedVersion", "NUMBER_OUT_OF_RANGE"},
    {"a version that is not there", PUT,
     "{'expectedVersion': 4, 'unit': {'hsaId': 'SE2321000016-N1', 'name': 'Ny', 'regionCode': "
     "'19', 'owners': [" OWNER "], 'openedOn': '2020-01-01'}}",
     BLOCKED, "SE2321000016-N1", "VERSION_MISMATCH"},

    /* reports */
    {"no report", SUBMIT, "{}", INVALID, "report", "REQUIRED"},
    {"report without unit", SUBMIT, REPORT_ON("", GROUP, "2022-01-01", ""), INVALID, "report.unit",
     "REQUIRED"},
    {"report with a bad unit", SUBMIT, REPORT_ON("SE1-1", GROUP, "2022-01-01", ""), INVALID,
     "report.unit", "HSA_ID_MALFORMED"},
    {"report of an unknown unit", SUBMIT,
     REPORT_ON("SE2321000016-UNKNOWN", GROUP, "2022-01-01", ""), NIVA_NOT_FOUND, "report.unit",
     "UNIT_UNKNOWN"},
    {"report of a closed unit", SUBMIT, REPORT_ON(UNIT_CLOSED, GROUP, "2021-01-01", ""), BLOCKED,
     UNIT_CLOSED, "UNIT_CLOSED"},
    {"report before the unit opened", SUBMIT, REPORT_ON(UNIT_A, GROUP, "2019-12-31", ""), BLOCKED,
     UNIT_A, "UNIT_NOT_OPEN_YET"},
    {"report without group", SUBMIT, REPORT_ON(UNIT_A, "", "2022-01-01", ""), INVALID,
     "report.professionGroup", "REQUIRED"},
    {"bad group", SUBMIT, REPORT_ON(UNIT_A, "Fysio", "2022-01-01", ""), INVALID,
     "report.professionGroup", "NAME_KEY_MALFORMED"},
    {"over-long group", SUBMIT, REPORT_ON(UNIT_A, TEN TEN TEN TEN "a", "2022-01-01", ""), INVALID,
     "report.professionGroup", "NAME_KEY_MALFORMED"},
    {"report without day", SUBMIT, REPORT_ON(UNIT_A, GROUP, "", ""), INVALID,
     "report.effectiveFrom", "REQUIRED"},
    {"30 February", SUBMIT, REPORT_ON(UNIT_A, GROUP, "2022-02-30", ""), INVALID,
     "report.effectiveFrom", "DAY_MALFORMED"},
    {"a day with time", SUBMIT, REPORT_ON(UNIT_A, GROUP, "2022-02-01T00:00:00Z", ""), INVALID,
     "report.effectiveFrom", "DAY_MALFORMED"},
    {"position without key", SUBMIT, POSITIONS(POSITION("", "1000")), INVALID,
     "report.positions[0].positionKey", "REQUIRED"},
    {"key like a personal number", SUBMIT, POSITIONS(POSITION("850101-1234", "1000")), INVALID,
     "report.positions[0].positionKey", "PERSONAL_NUMBER"},
    {"key like an e-mail", SUBMIT, POSITIONS(POSITION("anna@fiktiv.se", "1000")), INVALID,
     "report.positions[0].positionKey", "EMAIL"},
    {"key like a name", SUBMIT, POSITIONS(POSITION("Anna.Fiktiv", "1000")), INVALID,
     "report.positions[0].positionKey", "NAME"},
    {"over-long key", SUBMIT, POSITIONS(POSITION(TEN TEN TEN TEN "a", "1000")), INVALID,
     "report.positions[0].positionKey", "POSITION_KEY_MALFORMED"},
    {"two positions with one key", SUBMIT, POSITIONS(POSITION("p1", "500") "," POSITION("p1", "1")),
     INVALID, "report.positions[1].positionKey", "POSITION_KEY_DUPLICATE"},
    {"over full time", SUBMIT, POSITIONS(POSITION("p1", "1000") "," POSITION("p2", "1001")),
     INVALID, "report.positions[1].fteMilli", "NUMBER_OUT_OF_RANGE"},
    {"negative staffing", SUBMIT, POSITIONS(POSITION("p1", "-1")), INVALID,
     "report.positions[0].fteMilli", "NUMBER_OUT_OF_RANGE"},
    {"no title", SUBMIT, POSITIONS(POSITION_WITH("p1", "", "EMPLOYED", "1", "")), INVALID,
     "report.positions[0].titleCode", "TITLE_MALFORMED"},
    {"title in words", SUBMIT, POSITIONS(POSITION_WITH("p1", "fysioterapeut", "HIRED", "1", "")),
     INVALID, "report.positions[0].titleCode", "TITLE_MALFORMED"},
    {"no employment", SUBMIT,
     POSITIONS("{'positionKey': 'p1', 'titleCode': 'FT', 'fteMilli': 1000}"), INVALID,
     "report.positions[0].employment", "REQUIRED"},
    {"position's last day before its first", SUBMIT,
     POSITIONS(POSITION_WITH("p1", "FT", "EMPLOYED", "1",
                             ", 'firstDay': '2022-02-02', 'lastDay': '2022-02-01'")),
     INVALID, "report.positions[0].lastDay", "LAST_DAY_BEFORE_FIRST"},
    {"position's first day unreal", SUBMIT,
     POSITIONS(POSITION_WITH("p1", "FT", "EMPLOYED", "1", ", 'firstDay': '2022-02-30'")), INVALID,
     "report.positions[0].firstDay", "DAY_MALFORMED"},
    {"control characters in a note", SUBMIT, REPORT_WITH(", 'resolutionNote': 'a\\u0007b'"),
     INVALID, "report.resolutionNote", "TEXT_CONTROL"},
    {"certifier without role", SUBMIT, REPORT_WITH(", 'certifiedBy': {'hsaId': 'SE2321000016-P1'}"),
     INVALID, "report.certifiedBy.role", "REQUIRED"},
    {"role without certifier", SUBMIT, REPORT_WITH(", 'certifiedBy': {'role': 'HEAD'}"), INVALID,
     "report.certifiedBy.hsaId", "REQUIRED"},
    {"correction of no id", SUBMIT, CORRECTION("r1"), INVALID, "report.correctsReportId",
     "UUID_MALFORMED"},
    {"correction of an unknown report", SUBMIT, CORRECTION(UNKNOWN_ID), NIVA_NOT_FOUND,
     "report.correctsReportId", "REPORT_UNKNOWN"},
    {"received after it is recorded", SUBMIT, REPORT_WITH(", 'receivedAt': '2999-01-01T00:00:00Z'"),
     INVALID, "report.receivedAt", "RECEIVED_AFTER_RECORDED"},
    {"original without type", SUBMIT, ORIGINAL("{'content': 'AA=='}"), INVALID,
     "original.mediaType", "REQUIRED"},
    {"original of a bad type", SUBMIT, ORIGINAL("{'mediaType': 'pdf', 'content': 'AA=='}"), INVALID,
     "original.mediaType", "MEDIA_TYPE_MALFORMED"},
    {"empty original", SUBMIT, ORIGINAL("{'mediaType': 'application/pdf'}"), INVALID,
     "original.content", "REQUIRED"},
    {"over-long file name", SUBMIT,
     ORIGINAL("{'mediaType': 'text/csv', 'content': 'AA==', 'fileName': '" HUNDRED HUNDRED "a'}"),
     INVALID, "original.fileName", "TEXT_TOO_LONG"},

    /* withdrawals */
    {"withdrawal of nothing", WITHDRAW, "{'reason': 'fel enhet'}", INVALID, "reportId", "REQUIRED"},
    {"withdrawal of no id", WITHDRAW, "{'reportId': '" HUNDRED "', 'reason': 'fel'}", INVALID,
     "reportId", "UUID_MALFORMED"},
    {"withdrawal without reason", WITHDRAW, "{'reportId': '" UNKNOWN_ID "'}", INVALID, "reason",
     "REQUIRED"},
    {"withdrawal of an unknown report", WITHDRAW,
     "{'reportId': '" UNKNOWN_ID "', 'reason': 'fel enhet'}", NIVA_NOT_FOUND, "reportId",
     "REPORT_UNKNOWN"},

    /* confirmations */
    {"confirmation without day", CONFIRM, "{'unit': '" UNIT_A "', 'professionGroup': '" GROUP "'}",
     INVALID, "asOf", "REQUIRED"},
    {"confirmation of an unknown unit", CONFIRM,
     "{'unit': 'SE2321000016-UNKNOWN', 'professionGroup': '" GROUP "', 'asOf': '2022-06-01'}",
     NIVA_NOT_FOUND, "unit", "UNIT_UNKNOWN"},
    {"confirmation of a day to come", CONFIRM,
     "{'unit': '" UNIT_A "', 'professionGroup': '" GROUP "', 'asOf': '2999-01-01'}", INVALID,
     "asOf", "DAY_IN_FUTURE"},
    {"confirmation without report", CONFIRM,
     "{'unit': '" UNIT_A "', 'professionGroup': '" GROUP "', 'asOf': '2022-06-01'}", BLOCKED,
     UNIT_A, "NO_STANDING_REPORT"},
    {"confirmation after closing", CONFIRM,
     "{'unit': '" UNIT_CLOSED "', 'professionGroup': '" GROUP "', 'asOf': '2021-01-01'}", BLOCKED,
     UNIT_CLOSED, "UNIT_CLOSED"},

    /* absences */
    {"no absence", NOTIFY, "{}", INVALID, "absence", "REQUIRED"},
    {"absence of an unknown unit", NOTIFY,
     ABSENCE_ON("SE2321000016-UNKNOWN", GROUP, "p1", "2022-06-01", "", ""), NIVA_NOT_FOUND,
     "absence.unit", "UNIT_UNKNOWN"},
    {"absence at a closed unit", NOTIFY, ABSENCE_ON(UNIT_CLOSED, GROUP, "p1", "2022-06-01", "", ""),
     BLOCKED, UNIT_CLOSED, "UNIT_CLOSED"},
    {"absence that ends before the unit opens", NOTIFY,
     ABSENCE_ON(UNIT_A, GROUP, "p1", "2019-06-01", "2019-12-31", ""), BLOCKED, UNIT_A,
     "UNIT_NOT_OPEN_YET"},
    {"absence of a name", NOTIFY, ABSENCE_ON(UNIT_A, GROUP, "Anna-Fiktiv", "2022-06-01", "", ""),
     INVALID, "absence.positionKey", "NAME"},
    {"absence without first day", NOTIFY, ABSENCE_ON(UNIT_A, GROUP, "p1", "", "", ""), INVALID,
     "absence.firstDay", "REQUIRED"},
    {"absence that ends before it begins", NOTIFY,
     ABSENCE_ON(UNIT_A, GROUP, "p1", "2022-06-02", "2022-06-01", ""), INVALID,
     "absence.expectedLastDay", "LAST_DAY_BEFORE_FIRST"},
    {"no part away", NOTIFY, ABSENCE_WITH(", 'absentMilli': 0"), INVALID, "absence.absentMilli",
     "NUMBER_OUT_OF_RANGE"},
    {"more than the whole away", NOTIFY, ABSENCE_WITH(", 'absentMilli': 1001"), INVALID,
     "absence.absentMilli", "NUMBER_OUT_OF_RANGE"},
    {"expected since an unreal day", NOTIFY, ABSENCE_WITH(", 'expectedSince': '2022-13-01'"),
     INVALID, "absence.expectedSince", "DAY_MALFORMED"},
    {"covered by the one who is away", NOTIFY,
     ABSENCE_WITH(", 'cover': [" POSITION("p1", "1000") "]"), INVALID,
     "absence.cover[0].positionKey", "POSITION_KEY_DUPLICATE"},
    {"absence received later", NOTIFY, ABSENCE_WITH(", 'receivedAt': '2999-01-01T00:00:00Z'"),
     INVALID, "absence.receivedAt", "RECEIVED_AFTER_RECORDED"},
    {"update of nothing", UPDATE, ABSENCE_WITH(""), INVALID, "absence.absenceId", "REQUIRED"},
    {"update of an unknown absence", UPDATE, ABSENCE_WITH(", 'absenceId': '" UNKNOWN_ID "'"),
     NIVA_NOT_FOUND, "absence.absenceId", "ABSENCE_UNKNOWN"},
    {"cancellation of nothing", CANCEL, "{}", INVALID, "absenceId", "REQUIRED"},
    {"cancellation of no id", CANCEL, "{'absenceId': '1'}", INVALID, "absenceId", "UUID_MALFORMED"},
    {"cancellation of an unknown absence", CANCEL, "{'absenceId': '" UNKNOWN_ID "'}",
     NIVA_NOT_FOUND, "absenceId", "ABSENCE_UNKNOWN"},
};

const size_t bad_case_count = sizeof bad_cases / sizeof *bad_cases;
