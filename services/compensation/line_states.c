#include "services/compensation/line_states.h"

#include "niva/compensation/v1/adjustment.pb-c.h"

static const struct line_edge edges[] = {
    /* the month is computed while it is under way */
    {LINE_NONE, LINE_RUNS_FREE, LINE_NONE, "A month that costs nothing has no line."},
    {LINE_NONE, LINE_RUNS_OTHER, LINE_PRELIMINARY,
     "A month under way that costs something has a preliminary line."},
    {LINE_PRELIMINARY, LINE_RUNS_FREE, LINE_NONE,
     "A preliminary line that costs nothing any more is taken away without a trace."},
    {LINE_PRELIMINARY, LINE_RUNS_SAME, LINE_PRELIMINARY,
     "A preliminary line is computed again in place."},
    {LINE_PRELIMINARY, LINE_RUNS_OTHER, LINE_PRELIMINARY,
     "A preliminary line grows and shrinks in place."},
    /* … and when it has ended */
    {LINE_NONE, LINE_ENDED_FREE, LINE_NONE,
     "A month that ended and of which nothing is due, or nothing more, has no open line."},
    {LINE_NONE, LINE_ENDED_OTHER, LINE_PROPOSED,
     "What facts say too late of a month that has ended is proposed at once; after a decision it "
     "is a difference."},
    {LINE_PRELIMINARY, LINE_ENDED_FREE, LINE_NONE,
     "A preliminary line that the whole month takes away is not proposed."},
    {LINE_PRELIMINARY, LINE_ENDED_SAME, LINE_PROPOSED,
     "When the month has ended its line is proposed under the same id."},
    {LINE_PRELIMINARY, LINE_ENDED_OTHER, LINE_PROPOSED,
     "When the month has ended its line, computed for the whole month, is proposed under the same "
     "id."},
    {LINE_PROPOSED, LINE_ENDED_SAME, LINE_PROPOSED,
     "A proposal whose money stays the same keeps its id; what moved behind it is a new version."},
    {LINE_PROPOSED, LINE_ENDED_OTHER, LINE_SUPERSEDED,
     "A proposal is superseded by a new one, never edited."},
    {LINE_PROPOSED, LINE_ENDED_FREE, LINE_SUPERSEDED,
     "A proposal of which nothing is due any more lapses: it is superseded by none."},
    {LINE_IN_DIALOGUE, LINE_ENDED_SAME, LINE_IN_DIALOGUE,
     "So does one in dialogue; an answer is a new version of it too."},
    {LINE_IN_DIALOGUE, LINE_ENDED_OTHER, LINE_SUPERSEDED,
     "One in dialogue is superseded too; the dialogue passes on to the new proposal."},
    {LINE_IN_DIALOGUE, LINE_ENDED_FREE, LINE_SUPERSEDED,
     "One in dialogue lapses too; what was said in it stays with the breach."},
    /* what the unit is told */
    {LINE_PROPOSED, LINE_TOLD, LINE_IN_DIALOGUE,
     "Once the unit has been told of every breach that bears on the amount, its proposals are in "
     "dialogue; money back never is."},
    {LINE_IN_DIALOGUE, LINE_UNTOLD, LINE_PROPOSED,
     "Where a breach comes to bear on the amount of which the unit has not been told, it has yet "
     "to be told."},
    /* what an officer and a decider do */
    {LINE_PROPOSED, LINE_PREPARE, LINE_PROPOSED, "An officer signs for the line."},
    {LINE_IN_DIALOGUE, LINE_PREPARE, LINE_IN_DIALOGUE,
     "An officer signs for the line, with what the unit answered and how that was met."},
    {LINE_PROPOSED, LINE_APPROVE, LINE_DECIDED,
     "A decider approves the line: it takes, or gives back, what was computed."},
    {LINE_PROPOSED, LINE_REVISE, LINE_DECIDED,
     "A decider revises the line: it takes less than was computed."},
    {LINE_PROPOSED, LINE_WAIVE, LINE_WAIVED, "A decider waives the line: it takes nothing."},
    {LINE_IN_DIALOGUE, LINE_APPROVE, LINE_DECIDED,
     "After its dialogue a decider approves the line."},
    {LINE_IN_DIALOGUE, LINE_REVISE, LINE_DECIDED, "After its dialogue a decider revises the line."},
    {LINE_IN_DIALOGUE, LINE_WAIVE, LINE_WAIVED, "After its dialogue a decider waives the line."},
    /* what becomes of the money */
    {LINE_DECIDED, LINE_EXPORT, LINE_EXPORTED,
     "A decided line goes into one settlement and leaves for the ledger."},
    {LINE_EXPORTED, LINE_VOID, LINE_DECIDED,
     "When its settlement is voided before it was booked the line is decided again."},
    {LINE_EXPORTED, LINE_BOOK, LINE_BOOKED,
     "The ledger has booked it under the number of a voucher."},
};

enum { EDGE_COUNT = sizeof edges / sizeof edges[0] };

const struct line_edge *line_edges(size_t *ret_count)
{
    *ret_count = EDGE_COUNT;
    return edges;
}

const struct line_edge *line_edge_find(enum line_state from, enum line_event event)
{
    for (size_t i = 0; i < EDGE_COUNT; i++)
        if (edges[i].from == from && edges[i].event == event)
            return &edges[i];
    return NULL;
}

const char *line_state_name(enum line_state state)
{
    const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(
        &niva__compensation__v1__adjustment__state__descriptor, (int)state);

    return state == LINE_NONE || value == NULL ? "–" : value->name;
}

const char *line_event_words(enum line_event event)
{
    static const char *const words[LINE_EVENTS] = {
        [LINE_RUNS_FREE] = "month under way: nothing is due",
        [LINE_RUNS_SAME] = "month under way: the same is due",
        [LINE_RUNS_OTHER] = "month under way: something else is due",
        [LINE_ENDED_FREE] = "month ended: nothing is due",
        [LINE_ENDED_SAME] = "month ended: the same is due",
        [LINE_ENDED_OTHER] = "month ended: something else is due",
        [LINE_TOLD] = "the unit has been told",
        [LINE_UNTOLD] = "the unit is yet to be told",
        [LINE_PREPARE] = "prepared",
        [LINE_APPROVE] = "approved",
        [LINE_REVISE] = "revised",
        [LINE_WAIVE] = "waived",
        [LINE_EXPORT] = "exported",
        [LINE_VOID] = "settlement voided",
        [LINE_BOOK] = "booked",
    };

    return words[event];
}

bool line_is_open(enum line_state state)
{
    return state == LINE_PRELIMINARY || state == LINE_PROPOSED || state == LINE_IN_DIALOGUE;
}

bool line_is_decided(enum line_state state)
{
    return state == LINE_DECIDED || state == LINE_WAIVED || state == LINE_EXPORTED ||
           state == LINE_BOOKED;
}
