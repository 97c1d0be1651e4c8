/*
 * samples_gather.c - the samples of a period: from the months that were scanned before, or from a scan; and
 * what the declarations say themselves, where that is asked for.
 */
#include "base/status.h"
#include "view/statistics/described.h"
#include "view/statistics/releases.h"
#include "view/statistics/samples.h"
#include "view/statistics/scan.h"

enum status samples_gather(const struct view_source *source, const struct segments *segments,
                           const struct chain *chain, struct period period,
                           const struct samples_options *options, struct samples *out) {
    require(period.first_day < period.next_day && options->unit < UNITS_COUNT
            && (!options->lists || !source->releases));
    const struct scan_options scan = { .period = period,
                                       .detail = options->detail,
                                       .mode = options->mode,
                                       .lists = options->lists,
                                       .names = options->detail == SAMPLES_EXCLUDED || options->reads_groups
                                                || options->field || options->unit != UNIT_DECLARATION };
    enum status status;
    if (!source->releases
        || !releases_gather(source->releases, source, segments, chain, &scan, out, &status)) {
        status = scan_samples(source->state, segments, chain, &scan, out);
    }
    if (status == STATUS_OK) {
        status = described_read(source, options, out);
    }
    samples_count(out);
    return status;
}
