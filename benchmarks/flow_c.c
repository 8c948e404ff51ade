/* The baseline flow of `kernel.project` (nobody is appointed) in plain C, for kernel_vs_c.py.
 *
 * The same steps as the kernel's, on the same arrays (all contiguous, scenario first), written for
 * gcc: restrict pointers, small arrays on the stack, loops it can vectorise, sums in fixed lanes
 * (floating-point sums must not be reordered, so no -ffast-math). Four regions at most. */

#include <string.h>

enum { REGIONS = 4, STAGES = 8, AGES = 128, HALF_YEARS = 256, DURATIONS = 64, LANES = 8 };

typedef const double *restrict In;
typedef double *restrict Out;

struct sizes { long half_years, stages, groups, regions, ages, longest, until; };

struct rates {
    In leave, drop_out, occupants, choice, group_share, direct_entry, trainees, historic, outcome,
        specialists, entry_age, foreign, foreign_age, survival, mobility, fte;
};

struct flow { Out supply, persons, qualified, trainees; };

/* LIS1 and the choice of region and group: entry [group][half_year][REGIONS]. */
static void begin(struct sizes z, const struct rates *x, long i, Out entry)
{
    double coming[REGIONS][HALF_YEARS] = {{0}}, choosing[HALF_YEARS][REGIONS] = {{0}};
    for (long r = 0; r < z.regions; r++)
        for (long s = 0; s < z.stages; s++) {
            double staying = 1.0 - x->drop_out[i], leave = x->leave[i * z.stages + s];
            double repeat = staying * leave, advance = staying * (1.0 - leave);
            double present = x->occupants[s * z.regions + r];
            for (long h = 0; h < z.half_years; h++) {
                double passing = advance * present;
                present = coming[r][h] + repeat * present;
                coming[r][h] = passing;
            }
        }
    for (long r = 0; r < z.regions; r++)
        for (long h = 0; h < z.half_years; h++)
            for (long t = 0; t < z.regions; t++)
                choosing[h][t] += x->choice[(i * z.regions + r) * z.regions + t] * coming[r][h];
    In direct = x->direct_entry + i * z.half_years * z.groups * z.regions;
    memset(entry, 0, sizeof(double) * z.groups * z.half_years * REGIONS);
    for (long k = 0; k < z.groups; k++)
        for (long h = 0; h < z.half_years; h++)
            for (long t = 0; t < z.regions; t++)
                entry[(k * z.half_years + h) * REGIONS + t] =
                    x->group_share[i * z.groups + k] * choosing[h][t] +
                    direct[(h * z.groups + k) * z.regions + t];
}

/* Add those of entry [DURATIONS + half_year][REGIONS] who complete to done, who leave to gone. */
static void finish(In chance, In other, long durations, long half_years, In entry, Out done,
                   Out gone)
{
    for (long d = 0; d < durations; d += 4) {
        In came = entry + (DURATIONS - d) * REGIONS;
        for (long j = 0; j < half_years * REGIONS; j++) {
            double a = came[j], b = came[j - REGIONS], c = came[j - 2 * REGIONS],
                   e = came[j - 3 * REGIONS];
            done[j] += chance[d] * a + chance[d + 1] * b + chance[d + 2] * c + chance[d + 3] * e;
            gone[j] += other[d] * a + other[d + 1] * b + other[d + 2] * c + other[d + 3] * e;
        }
    }
}

/* LIS2/3: fill what the flow tells of it, and done [half_year][REGIONS] of group k. */
static void train(struct sizes z, const struct rates *x, long i, long k, In entry, Out done,
                  struct flow *out)
{
    static _Thread_local double early[(DURATIONS + HALF_YEARS) * REGIONS];
    static _Thread_local double late[(DURATIONS + HALF_YEARS) * REGIONS];
    double gone[HALF_YEARS * REGIONS], past[2][DURATIONS] = {{0}}, now[2][DURATIONS] = {{0}};
    double cohorts = z.longest;
    long affected = z.until + z.longest < z.half_years ? z.until + z.longest : z.half_years;
    for (long d = 0; d < z.longest; d++) {
        for (long way = 0; way < 2; way++) {
            long place = ((i * 2 + way) * z.groups + k) * z.longest + d;
            past[way][d] = x->historic[place];
            now[way][d] = x->outcome[place];
        }
        cohorts -= (z.longest - d) * (past[0][d] + past[1][d]);
    }
    for (long d = 0; d < DURATIONS; d++)
        for (long r = 0; r < z.regions; r++)
            early[d * REGIONS + r] = cohorts > 0 ? x->trainees[k * z.regions + r] / cohorts : 0.0;
    memcpy(early + DURATIONS * REGIONS, entry, sizeof(double) * z.until * REGIONS);
    memset(early + (DURATIONS + z.until) * REGIONS, 0,
           sizeof(double) * (z.half_years - z.until) * REGIONS);
    memset(late, 0, sizeof(double) * (DURATIONS + z.until) * REGIONS);
    memcpy(late + (DURATIONS + z.until) * REGIONS, entry + z.until * REGIONS,
           sizeof(double) * (z.half_years - z.until) * REGIONS);
    memset(done, 0, sizeof(double) * z.half_years * REGIONS);
    memset(gone, 0, sizeof(double) * z.half_years * REGIONS);
    finish(past[0], past[1], z.longest, affected, early, done, gone);
    finish(now[0], now[1], z.longest, z.half_years, late, done, gone);
    for (long r = 0; r < z.regions; r++) {
        long row = ((i * z.groups + k) * z.regions + r) * z.half_years;
        double stock = x->trainees[k * z.regions + r];
        for (long h = 0; h < z.half_years; h++) {
            long j = h * REGIONS + r;
            out->qualified[row + h] = done[j];
            stock += entry[j] - (done[j] + gone[j]);
            out->trainees[row + h] = stock;
        }
    }
}

/* One year of four regions [REGIONS][AGES + 1], ages one place up; sums [FTE, persons][REGIONS]. */
static void pass_year(long ages, const double to[REGIONS][REGIONS],
                      const double join[4][REGIONS], const double terms[restrict 6][AGES],
                      const double now[restrict REGIONS][AGES + LANES],
                      double after[restrict REGIONS][AGES + LANES], double sums[2][REGIONS])
{
    for (long a = 0; a < ages; a++)
        for (long t = 0; t < REGIONS; t++)
            after[t][a + 1] = terms[0][a] * (now[0][a] * to[0][t] + now[1][a] * to[1][t] +
                                             now[2][a] * to[2][t] + now[3][a] * to[3][t]) +
                              (terms[1][a] * join[0][t] + terms[2][a] * join[1][t] +
                               terms[3][a] * join[2][t] + terms[4][a] * join[3][t]);
    for (long t = 0; t < REGIONS; t++) {
        double supply[LANES] = {0}, persons[LANES] = {0};
        after[t][0] = 0.0;
        for (long a = 0; a < ages; a += LANES)
            for (long l = 0; l < LANES; l++) {
                supply[l] += terms[5][a + l] * after[t][a + l + 1];
                persons[l] += after[t][a + l + 1];
            }
        sums[0][t] = sums[1][t] = 0.0;
        for (long l = 0; l < LANES; l++) {
            sums[0][t] += supply[l];
            sums[1][t] += persons[l];
        }
    }
}

/* Specialists of group k by age, a year at a time. */
static void work(struct sizes z, const struct rates *x, long i, long k, In done, struct flow *out)
{
    double people[2][REGIONS][AGES + LANES] = {{{0}}}, terms[6][AGES] = {{0}};
    double once[REGIONS][REGIONS] = {{0}}, twice[REGIONS][REGIONS] = {{0}}, sums[2][REGIONS];
    long R = z.regions, ages = (z.ages + LANES - 1) / LANES * LANES;
    for (long r = 0; r < R; r++)
        for (long t = 0; t < R; t++)
            once[r][t] = x->mobility[(i * R + r) * R + t];
    for (long r = 0; r < R; r++)
        for (long m = 0; m < R; m++)
            for (long t = 0; t < R; t++)
                twice[r][t] += once[r][m] * once[m][t];
    for (long a = 0; a < z.ages; a++) {
        double stay = x->survival[(i * z.groups + k) * z.ages + a];
        double new = x->entry_age[k * z.ages + a], foreign = x->foreign_age[k * z.ages + a];
        terms[0][a] = stay * stay;
        terms[1][a] = stay * new;
        terms[2][a] = stay * foreign;
        terms[3][a] = new;
        terms[4][a] = foreign;
        terms[5][a] = x->fte[k * z.ages + a];
        for (long r = 0; r < R; r++)
            people[0][r][a] = x->specialists[(k * R + r) * z.ages + a];
    }
    for (long y = 0; y < z.half_years / 2; y++) {
        double join[4][REGIONS] = {{0}};
        In spring = x->foreign + ((i * z.half_years + 2 * y) * z.groups + k) * R;
        In autumn = spring + z.groups * R;
        for (long t = 0; t < R; t++) {
            for (long r = 0; r < R; r++) {
                join[0][t] += once[r][t] * done[2 * y * REGIONS + r];
                join[1][t] += once[r][t] * spring[r];
            }
            join[2][t] = done[(2 * y + 1) * REGIONS + t];
            join[3][t] = autumn[t];
        }
        pass_year(ages, twice, join, terms, people[y % 2], people[1 - y % 2], sums);
        for (long t = 0; t < R; t++) {
            long place = ((i * (z.half_years / 2) + y) * z.groups + k) * R + t;
            out->supply[place] = sums[0][t];
            out->persons[place] = sums[1][t];
        }
    }
}

/* Fill out for `count` scenarios from `first` on. */
void project(const struct sizes *sizes, const struct rates *x, long first, long count,
             struct flow *out)
{
    struct sizes z = *sizes;
    double entry[z.groups * z.half_years * REGIONS], done[HALF_YEARS * REGIONS];
    for (long i = first; i < first + count; i++) {
        begin(z, x, i, entry);
        for (long k = 0; k < z.groups; k++) {
            train(z, x, i, k, entry + k * z.half_years * REGIONS, done, out);
            work(z, x, i, k, done, out);
        }
    }
}

/* Multiply and add in 64 independent chains, `passes` times each: the core can do no more. */
double multiply_add(long passes)
{
    double chains[64], total = 0.0;
    for (long c = 0; c < 64; c++)
        chains[c] = c;
    for (long n = 0; n < passes; n++)
        for (long c = 0; c < 64; c++)
            chains[c] = chains[c] * 0.999999 + 0.1;
    for (long c = 0; c < 64; c++)
        total += chains[c];
    return total;
}
