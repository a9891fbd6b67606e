"""Tables of staffing reports, as people make them. A report is (unit, day, reason, positions), a position (key, title,
employment, milli-FTE)."""
import csv
import io

import openpyxl

GROUP = "fysioterapeut"
COLUMNS = ("Enhet", "Yrkesgrupp", "Gäller från", "Befattning", "Titel", "Anställning", "Sysselsättningsgrad",
           "Legitimation", "Orsak")
EMPLOYMENTS = {"EMPLOYED": "anställd", "SUBSTITUTE": "vikarie", "HIRED": "inhyrd"}


def rows_of(reports, degree):
    for unit, day, reason, positions in reports:
        for key, title, employment, milli in positions:
            yield (unit, GROUP, day, key, title, EMPLOYMENTS[employment], degree(milli), "ja", reason)


def as_csv(reports):
    """As Swedish Excel writes it: semicolons, decimal commas and percentages, Windows-1252."""
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows([COLUMNS, *rows_of(
        reports, lambda milli: "100 %" if milli == 1000 else f"0,{milli:03}")])
    return text.getvalue().encode("cp1252")


def as_xlsx(reports):
    book, content = openpyxl.Workbook(), io.BytesIO()
    for row in (COLUMNS, *rows_of(reports, lambda milli: milli / 1000)):
        book.active.append(row)
    book.save(content)
    return content.getvalue()
