#include "services/common/base/day.h"

#define SECOND ((niva_instant)1000000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

static niva_instant divide_floor(niva_instant value, niva_instant by)
{
    return value / by - (value % by < 0);
}

/* What divide_floor leaves over, 0 … by - 1, without the product that could overflow. */
static niva_instant remainder_floor(niva_instant value, niva_instant by)
{
    return value % by + (value % by < 0 ? by : 0);
}

/* Years are counted from 1 March, so that the leap day is the last of its year: then the days
 * before a month are a linear function of its number, and eras of 400 years are all alike. */
niva_day niva_day_from_civil(int year, int month, int day)
{
    int shifted = month <= 2 ? year - 1 : year;
    int era = (shifted >= 0 ? shifted : shifted - 399) / 400;
    int year_of_era = shifted - era * 400;
    int day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;

    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

void niva_day_to_civil(niva_day day, int *ret_year, int *ret_month, int *ret_day)
{
    int64_t shifted = (int64_t)day + 719468;
    int64_t era = divide_floor(shifted, 146097);
    int day_of_era = (int)(shifted - era * 146097);
    int year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int month = (5 * day_of_year + 2) / 153; /* March is 0 */

    *ret_year = (int)era * 400 + year_of_era + (month >= 10);
    *ret_month = month < 10 ? month + 3 : month - 9;
    *ret_day = day_of_year - (153 * month + 2) / 5 + 1;
}

/* Reads exactly `count` digits and moves on; false for anything else. */
static bool digits_read(const char **text, int count, int *ret_value)
{
    int value = 0;

    for (int i = 0; i < count; i++, (*text)++) {
        if (**text < '0' || **text > '9')
            return false;
        value = value * 10 + (**text - '0');
    }
    *ret_value = value;
    return true;
}

static bool char_read(const char **text, char expected)
{
    if (**text != expected)
        return false;
    (*text)++;
    return true;
}

static bool date_read(const char **text, niva_day *ret_day)
{
    int year, month, day, same_year, same_month, same_day;

    if (!digits_read(text, 4, &year) || !char_read(text, '-') || !digits_read(text, 2, &month) ||
        !char_read(text, '-') || !digits_read(text, 2, &day))
        return false;
    if (year < 1900 || year > 2999 || month < 1 || month > 12 || day < 1 || day > 31)
        return false;
    niva_day result = niva_day_from_civil(year, month, day);
    niva_day_to_civil(result, &same_year, &same_month, &same_day);
    if (same_month != month || same_day != day)
        return false;
    *ret_day = result;
    return true;
}

bool niva_day_parse(const char *text, niva_day *ret_day)
{
    niva_day day;

    if (!date_read(&text, &day) || *text != '\0')
        return false;
    *ret_day = day;
    return true;
}

static char *number_write(char *end, int value, int digits)
{
    for (int i = digits - 1; i >= 0; i--, value /= 10)
        end[i] = (char)('0' + value % 10);
    return end + digits;
}

/* Nothing for years that four digits cannot say: NIVA_DAY_NONE and NIVA_DAY_END lie there. */
static char *date_write(char *end, int year, int month, int day)
{
    if (year < 0 || year > 9999)
        return end;
    end = number_write(end, year, 4);
    *end++ = '-';
    end = number_write(end, month, 2);
    if (day == 0)
        return end;
    *end++ = '-';
    return number_write(end, day, 2);
}

niva_day niva_day_read(const char *text)
{
    niva_day day;

    return niva_day_parse(text, &day) ? day : NIVA_DAY_NONE;
}

void niva_day_format(niva_day day, char ret_text[16])
{
    int year, month, day_of_month;

    niva_day_to_civil(day, &year, &month, &day_of_month);
    *date_write(ret_text, year, month, day_of_month) = '\0';
}

niva_day niva_month_begin(niva_day day)
{
    int year, month, day_of_month;

    niva_day_to_civil(day, &year, &month, &day_of_month);
    return day - day_of_month + 1;
}

niva_day niva_month_next(niva_day day)
{
    int year, month, day_of_month;

    niva_day_to_civil(day, &year, &month, &day_of_month);
    return month == 12 ? niva_day_from_civil(year + 1, 1, 1)
                       : niva_day_from_civil(year, month + 1, 1);
}

niva_day niva_quarter_begin(niva_day day)
{
    int year, month, day_of_month;

    niva_day_to_civil(day, &year, &month, &day_of_month);
    return niva_day_from_civil(year, (month - 1) / 3 * 3 + 1, 1);
}

niva_day niva_year_begin(niva_day day)
{
    int year, month, day_of_month;

    niva_day_to_civil(day, &year, &month, &day_of_month);
    return niva_day_from_civil(year, 1, 1);
}

bool niva_month_parse(const char *text, struct niva_span *ret_month)
{
    int year, month;

    if (!digits_read(&text, 4, &year) || !char_read(&text, '-') || !digits_read(&text, 2, &month) ||
        *text != '\0')
        return false;
    if (year < 1900 || year > 2999 || month < 1 || month > 12)
        return false;
    ret_month->from = niva_day_from_civil(year, month, 1);
    ret_month->until = niva_month_next(ret_month->from);
    return true;
}

void niva_month_format(niva_day day, char ret_text[16])
{
    int year, month, day_of_month;

    niva_day_to_civil(day, &year, &month, &day_of_month);
    *date_write(ret_text, year, month, 0) = '\0';
}

/* 01:00 UTC on the last Sunday of a month of 31 or 30 days; 1970-01-01 was a Thursday. */
static niva_instant last_sunday(int year, int month, int last_day_of_month)
{
    niva_day last = niva_day_from_civil(year, month, last_day_of_month);
    niva_day weekday = ((last + 4) % 7 + 7) % 7; /* Sunday is 0 */

    return (niva_instant)(last - weekday) * DAY + HOUR;
}

static niva_instant local_offset(niva_instant instant)
{
    int year, month, day;

    niva_day_to_civil((niva_day)divide_floor(instant, DAY), &year, &month, &day);
    if (year < 1980 || month < 3 || month > 10)
        return HOUR;
    niva_instant summer = last_sunday(year, 3, 31);
    niva_instant winter = year < 1996 ? last_sunday(year, 9, 30) : last_sunday(year, 10, 31);
    return instant >= summer && instant < winter ? 2 * HOUR : HOUR;
}

niva_day niva_local_day(niva_instant instant)
{
    niva_instant offset = local_offset(instant);
    niva_instant day = divide_floor(instant, DAY);

    /* Not instant + offset: that could pass the greatest instant. */
    return (niva_day)(remainder_floor(instant, DAY) >= DAY - offset ? day + 1 : day);
}

niva_instant niva_local_midnight(niva_day day)
{
    if (day >= INT64_MAX / DAY)
        return INT64_MAX;
    if (day <= INT64_MIN / DAY)
        return INT64_MIN;
    niva_instant midnight = (niva_instant)day * DAY;

    return local_offset(midnight - 2 * HOUR) == 2 * HOUR ? midnight - 2 * HOUR : midnight - HOUR;
}

static bool fraction_read(const char **text, niva_instant *ret_fraction)
{
    niva_instant fraction = 0;
    niva_instant unit = SECOND;
    int digits = 0;

    *ret_fraction = 0;
    if (!char_read(text, '.'))
        return true;
    for (; **text >= '0' && **text <= '9'; (*text)++, digits++) {
        unit /= 10;
        fraction += unit * (**text - '0');
    }
    *ret_fraction = fraction;
    return digits >= 1 && digits <= 9;
}

static bool offset_read(const char **text, niva_instant *ret_offset)
{
    int sign = **text == '-' ? -1 : 1;
    int hours, minutes;

    *ret_offset = 0;
    if (char_read(text, 'Z'))
        return true;
    if (!char_read(text, '+') && !char_read(text, '-'))
        return false;
    if (!digits_read(text, 2, &hours) || !char_read(text, ':') || !digits_read(text, 2, &minutes))
        return false;
    *ret_offset = sign * (hours * HOUR + minutes * MINUTE);
    return hours <= 23 && minutes <= 59;
}

bool niva_instant_parse(const char *text, niva_instant *ret_instant)
{
    niva_day day;
    int hour, minute, second;
    niva_instant fraction, offset;

    if (!date_read(&text, &day) || !char_read(&text, 'T') || !digits_read(&text, 2, &hour) ||
        !char_read(&text, ':') || !digits_read(&text, 2, &minute) || !char_read(&text, ':') ||
        !digits_read(&text, 2, &second) || !fraction_read(&text, &fraction) ||
        !offset_read(&text, &offset) || *text != '\0')
        return false;
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    niva_instant instant = (niva_instant)day * DAY + hour * HOUR + minute * MINUTE +
                           second * SECOND + fraction - offset;
    if (instant < (niva_instant)NIVA_DAY_MIN * DAY ||
        instant >= ((niva_instant)NIVA_DAY_MAX + 1) * DAY)
        return false;
    *ret_instant = instant;
    return true;
}

void niva_instant_format(niva_instant instant, char ret_text[32])
{
    niva_instant day = divide_floor(instant, DAY);
    niva_instant rest = remainder_floor(instant, DAY);
    int fraction = (int)(rest % SECOND);
    int year, month, day_of_month;

    niva_day_to_civil((niva_day)day, &year, &month, &day_of_month);
    char *end = date_write(ret_text, year, month, day_of_month);
    *end = '\0';
    if (end == ret_text)
        return;
    *end++ = 'T';
    end = number_write(end, (int)(rest / HOUR), 2);
    *end++ = ':';
    end = number_write(end, (int)(rest % HOUR / MINUTE), 2);
    *end++ = ':';
    end = number_write(end, (int)(rest % MINUTE / SECOND), 2);
    if (fraction != 0) {
        *end++ = '.';
        end = fraction % 1000 == 0 ? number_write(end, fraction / 1000, 3)
                                   : number_write(end, fraction, 6);
    }
    *end++ = 'Z';
    *end = '\0';
}
