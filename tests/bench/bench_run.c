// SPDX-License-Identifier: GPL-2.0-only
/*
 * The measured loops
 *
 * Cost: batches of packets go alternately through the namespace with the rules
 * and the one without, some milliseconds apart at most, so that both meet the
 * same clock rate and the same neighbours on the machine. A pair counts if the
 * base was among the fastest quarter: nobody was in the way then. The result is
 * the median of the differences among those pairs, and their tenth and
 * ninetieth percentile. Several CPUs do the same kind of batch at the same time.
 *
 * Scale: packets of one CPU, and of all, through the same rules in the same
 * short time, alternating with the namespace without rules. The best tenth of
 * the rounds counts, on each side: all CPUs were ours then, and so many packets
 * were carried. What the base does tells what the machine itself allows.
 *
 * Worst: each packet is timed by itself. The round whose slowest packet was fastest
 * counts: what the rules do is in each round, a busy neighbour is not.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sort.h>
#include <linux/vmalloc.h>
#include <net/netfilter/nf_conntrack_core.h>
#include "bench.h"

/**
 * struct xb_pair - one batch in each namespace
 * @ns: how long it took
 */
struct xb_pair {
	u32 ns[XB_SIDES];
};

struct xb_worker {
	struct xb_crew	*crew;
	struct xb_maker	maker;
	struct xb_flows	*flows;		/* or NULL: nobody watches them */
	struct xb_pair	*pairs;		/* cost: job->pairs of them */
	u64		accepted, refused;
	u64		packets, ns;	/* scale: of this round */
	s64		*each[XB_SIDES];	/* worst: ns of each packet of a round */
	s64		median[XB_SIDES], worst[XB_SIDES];
	int		error;
	u32		cpu;
};

/**
 * struct xb_crew - the threads of a measurement
 * @job: what to do
 * @side: the namespaces
 * @work: what each thread does
 * @arrived: threads at the barrier, ever
 * @size: number of threads
 * @now: which namespace, in a round of scale
 * @left: threads that have not ended
 * @done: when it is 0
 * @watch: the flows of all threads
 * @worker: one for each CPU
 */
struct xb_crew {
	const struct xb_job	*job;
	const struct xb_side	*side;
	void			(*work)(struct xb_worker *w);
	atomic_t		arrived;
	u32			size;
	int			now;
	atomic_t		left;
	struct completion	done;
	struct xb_watch		watch;
	struct xb_worker	worker[XB_CPUS];
};

/**
 * struct xb_path - the hooks that a packet passes
 * @state: of each
 * @hooks: of each, NULL if nobody listens
 * @len:   how many
 */
struct xb_path {
	struct nf_hook_state		state[2];
	const struct nf_hook_entries	*hooks[2];
	int				len;
};

static struct nf_hook_entries *xb_hooks(const struct xb_job *job,
					const struct net *net, u8 hook)
{
	if (job->family == NFPROTO_IPV6)
		return rcu_dereference(net->nf.hooks_ipv6[hook]);
	return rcu_dereference(net->nf.hooks_ipv4[hook]);
}

static void xb_path_add(struct xb_path *path, const struct xb_job *job,
			const struct xb_side *side, u8 hook)
{
	bool in = hook == NF_INET_PRE_ROUTING || hook == NF_INET_LOCAL_IN ||
		  hook == NF_INET_FORWARD;
	bool out = !in || hook == NF_INET_FORWARD;

	nf_hook_state_init(&path->state[path->len], hook, job->family,
			   in ? side->dev : NULL, out ? side->dev : NULL,
			   NULL, side->net, NULL);
	path->hooks[path->len++] = xb_hooks(job, side->net, hook);
}

static void xb_path_init(struct xb_path *path, const struct xb_job *job,
			 const struct xb_side *side)
{
	path->len = 0;
	xb_path_add(path, job, side, job->hook);
	if (job->routed)
		xb_path_add(path, job, side, NF_INET_POST_ROUTING);
}

/* Returns 1 if all hooks accept; else the packet is gone. */
static int xb_pass(struct xb_path *path, struct sk_buff *skb)
{
	int i, verdict = 1;

	for (i = 0; i < path->len && verdict == 1; i++)
		if (path->hooks[i])
			verdict = nf_hook_slow(skb, &path->state[i],
					       path->hooks[i], 0);
	return verdict;
}

/* All that follows when a device receives a packet, which is gone then. */
static int xb_receive(struct sk_buff *skb)
{
	netif_receive_skb(skb);
	return 0;
}

static void xb_forget(struct sk_buff *skb)
{
	enum ip_conntrack_info ctinfo;
	struct nf_conn *ct = nf_ct_get(skb, &ctinfo);

	if (ct && nf_ct_is_confirmed(ct))
		nf_ct_delete(ct, 0, 0);
}

/*
 * A packet goes its way. Returns true if it did what was wanted: it is
 * accepted or received, and if flows are watched, a new flow left.
 */
static bool xb_send(struct xb_worker *w, struct xb_path *path, int which,
		    struct sk_buff *skb)
{
	const struct xb_job *job = w->crew->job;
	bool good;
	int verdict;

	skb->dev = w->crew->side[which].dev;
	if (w->flows)
		w->flows->sent = skb;
	verdict = job->receive ? xb_receive(skb) : xb_pass(path, skb);
	if (verdict == 1 && job->confirm)
		verdict = nf_conntrack_confirm(skb) == NF_ACCEPT;
	good = verdict == 1 || job->receive;
	if (w->flows)
		good = xb_flows_keep(w->flows, which) && good;
	else if (verdict == 1 && job->forget)
		xb_forget(skb);
	xb_unmake(&w->maker, skb, verdict);
	return good;
}

/* n packets; returns how long they took, in ns */
static u64 xb_batch(struct xb_worker *w, int which, u32 n)
{
	struct xb_path path;
	struct sk_buff *skb;
	u64 start;

	local_bh_disable();
	rcu_read_lock();
	xb_path_init(&path, w->crew->job, &w->crew->side[which]);
	start = ktime_get_ns();
	while (n--) {
		skb = xb_make(&w->maker);
		if (unlikely(!skb)) {
			w->error = -ENOMEM;
			break;
		}
		if (xb_send(w, &path, which, skb))
			w->accepted++;
		else
			w->refused++;
	}
	start = ktime_get_ns() - start;
	rcu_read_unlock();
	local_bh_enable();
	cond_resched();
	return start;
}

/* Wait until all threads of the crew are here. */
static void xb_together(struct xb_crew *crew)
{
	int round = (atomic_inc_return(&crew->arrived) - 1) / crew->size;

	while (atomic_read(&crew->arrived) < (round + 1) * (int)crew->size) {
		cpu_relax();
		cond_resched();
	}
}

static void xb_warm(struct xb_worker *w)
{
	const struct xb_job *job = w->crew->job;
	u32 left = job->warm, n;

	while (left) {
		n = min(left, 1000u);
		xb_batch(w, XB_BASE, n);
		xb_batch(w, XB_RULES, n);
		left -= n;
	}
}

static void xb_work_warm(struct xb_worker *w)
{
	xb_warm(w);
}

static void xb_work_cost(struct xb_worker *w)
{
	const struct xb_job *job = w->crew->job;
	u32 i;
	int k, which;

	for (i = 0; i < job->pairs; i++) {
		/* who is first gets the colder caches: take turns */
		for (k = 0; k < XB_SIDES; k++) {
			which = (k + i) % XB_SIDES;
			xb_together(w->crew);
			w->pairs[i].ns[which] = xb_batch(w, which, job->batch);
		}
	}
}

static void xb_work_scale(struct xb_worker *w)
{
	const struct xb_job *job = w->crew->job;
	u64 start, end;

	w->packets = 0;
	xb_together(w->crew);
	start = ktime_get_ns();
	end = start + job->ms * NSEC_PER_MSEC;
	do {
		xb_batch(w, w->crew->now, job->batch);
		w->packets += job->batch;
	} while (ktime_get_ns() < end);
	w->ns = ktime_get_ns() - start;
}

static int xb_by_value(const void *a, const void *b)
{
	const s64 *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void xb_work_worst(struct xb_worker *w)
{
	const struct xb_job *job = w->crew->job;
	s64 *each;
	u32 round, i;
	int k;

	for (round = 0; round < job->rounds; round++) {
		ssleep(job->pause);
		xb_together(w->crew);
		for (i = 0; i < job->batch; i++)
			for (k = 0; k < XB_SIDES; k++)
				w->each[k][i] = xb_batch(w, k, 1);
		for (k = 0; k < XB_SIDES; k++) {
			each = w->each[k];
			sort(each, job->batch, sizeof(*each), xb_by_value, NULL);
			if (round && each[job->batch - 1] >= w->worst[k])
				continue;
			w->worst[k] = each[job->batch - 1];
			w->median[k] = each[job->batch / 2];
		}
	}
}

static int xb_thread(void *data)
{
	struct xb_worker *w = data;
	struct xb_crew *crew = w->crew;

	crew->work(w);
	if (atomic_dec_and_test(&crew->left))
		complete(&crew->done);
	/* until xb_go() asks: the module's code must not go before */
	while (!kthread_should_stop()) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (!kthread_should_stop())
			schedule();
		__set_current_state(TASK_RUNNING);
	}
	return 0;
}

/* Let threads on the CPUs first to first + n - 1 do something, and wait. */
static int xb_go(struct xb_crew *crew, u32 first, u32 n,
		 void (*work)(struct xb_worker *w))
{
	struct task_struct *task[XB_CPUS];
	u32 i, made;

	crew->work = work;
	crew->size = n;
	atomic_set(&crew->arrived, 0);
	atomic_set(&crew->left, n);
	reinit_completion(&crew->done);
	for (made = 0; made < n; made++) {
		task[made] = kthread_create(xb_thread,
					    &crew->worker[first + made],
					    "xa_bench/%u", first + made);
		if (IS_ERR(task[made]))
			goto undo;
		kthread_bind(task[made], first + made);
	}
	for (i = 0; i < n; i++)
		wake_up_process(task[i]);
	wait_for_completion(&crew->done);
	for (i = 0; i < n; i++)
		kthread_stop(task[i]);
	for (i = first; i < first + n; i++)
		if (crew->worker[i].error)
			return crew->worker[i].error;
	return 0;

undo:
	for (i = 0; i < made; i++)
		kthread_stop(task[i]);	/* never ran */
	return PTR_ERR(task[made]);
}

static int xb_by_base(const void *a, const void *b)
{
	const struct xb_pair *x = a, *y = b;

	return x->ns[XB_BASE] < y->ns[XB_BASE] ? -1 :
	       x->ns[XB_BASE] > y->ns[XB_BASE];
}

/* ps for each packet, from ns for a batch */
static s64 xb_ps(const struct xb_job *job, s64 ns)
{
	return div_s64(ns * 1000, job->batch);
}

/* The pairs of all threads in one array, by the time of their base batch. */
static struct xb_pair *xb_gather(struct xb_crew *crew, u32 *n)
{
	const struct xb_job *job = crew->job;
	struct xb_pair *all;
	u32 i;

	*n = job->pairs * job->cpus;
	all = vmalloc(array_size(*n, sizeof(*all)));
	if (!all)
		return NULL;
	for (i = 0; i < job->cpus; i++)
		memcpy(all + i * job->pairs, crew->worker[i].pairs,
		       job->pairs * sizeof(*all));
	sort(all, *n, sizeof(*all), xb_by_base, NULL);
	return all;
}

static int xb_report_cost(struct xb_crew *crew, char *out, size_t size)
{
	const struct xb_job *job = crew->job;
	struct xb_pair *all;
	u32 n, i, base;
	s64 *diff;

	all = xb_gather(crew, &n);
	if (!all)
		return -ENOMEM;
	n = max(n / 4, 1u);
	diff = vmalloc(array_size(n, sizeof(*diff)));
	if (!diff) {
		vfree(all);
		return -ENOMEM;
	}
	for (i = 0; i < n; i++)
		diff[i] = (s64)all[i].ns[XB_RULES] - all[i].ns[XB_BASE];
	base = all[n / 2].ns[XB_BASE];
	sort(diff, n, sizeof(*diff), xb_by_value, NULL);
	scnprintf(out, size,
		  "base_ps=%lld cost_ps=%lld low_ps=%lld high_ps=%lld",
		  xb_ps(job, base), xb_ps(job, diff[n / 2]),
		  xb_ps(job, diff[n / 10]), xb_ps(job, diff[n * 9 / 10]));
	vfree(diff);
	vfree(all);
	return 0;
}

static int xb_cost(struct xb_crew *crew, char *out, size_t size)
{
	const struct xb_job *job = crew->job;
	u32 i;
	int ret;

	for (i = 0; i < job->cpus; i++) {
		crew->worker[i].pairs = vcalloc(job->pairs, sizeof(struct xb_pair));
		if (!crew->worker[i].pairs)
			return -ENOMEM;
	}
	ret = xb_go(crew, 0, job->cpus, xb_work_cost);
	return ret ? ret : xb_report_cost(crew, out, size);
}

static int xb_worst(struct xb_crew *crew, char *out, size_t size)
{
	struct xb_worker *w = &crew->worker[0];
	u32 i;
	int ret, k;

	for (i = 0; i < crew->job->cpus * XB_SIDES; i++) {
		s64 **each = &crew->worker[i / XB_SIDES].each[i % XB_SIDES];

		*each = vcalloc(crew->job->batch, sizeof(**each));
		if (!*each)
			return -ENOMEM;
	}
	ret = xb_go(crew, 0, crew->job->cpus, xb_work_worst);
	for (i = 1; i < crew->job->cpus; i++)
		for (k = 0; k < XB_SIDES; k++)
			w->worst[k] = max(w->worst[k], crew->worker[i].worst[k]);
	if (!ret)
		scnprintf(out, size, "median_ns=%lld worst_ns=%lld base_median_ns=%lld base_worst_ns=%lld",
			  w->median[XB_RULES], w->worst[XB_RULES],
			  w->median[XB_BASE], w->worst[XB_BASE]);
	return ret;
}

/* packets a second, in thousands, that n threads carry in one round */
static s64 xb_round(struct xb_crew *crew, int which, u32 first, u32 n, int *ret)
{
	s64 sum = 0;
	u32 i;

	crew->now = which;
	*ret = xb_go(crew, first, n, xb_work_scale);
	for (i = first; i < first + n && !*ret; i++)
		sum += div64_u64(crew->worker[i].packets * NSEC_PER_MSEC,
				 crew->worker[i].ns);
	return sum;
}

/**
 * struct xb_turn - one round in each namespace, one after the other
 * @kpps: packets carried, in thousands a second
 */
struct xb_turn {
	s64 kpps[XB_SIDES];
};

/* What n CPUs carry when nobody disturbs: exceeded in a tenth of the rounds. */
static int xb_turns(struct xb_crew *crew, u32 n, struct xb_turn *turn, s64 *v,
		    s64 res[XB_SIDES])
{
	const struct xb_job *job = crew->job;
	int k, which, ret;
	u32 i;

	for (i = 0; i < job->rounds; i++) {
		for (k = 0; k < XB_SIDES; k++) {
			which = (k + i) % XB_SIDES;
			turn[i].kpps[which] =
				xb_round(crew, which,
					 n == 1 ? i / 2 % job->cpus : 0, n, &ret);
			if (ret)
				return ret;
		}
	}
	for (k = 0; k < XB_SIDES; k++) {
		for (i = 0; i < job->rounds; i++)
			v[i] = turn[i].kpps[k];
		sort(v, job->rounds, sizeof(*v), xb_by_value, NULL);
		res[k] = v[job->rounds - 1 - job->rounds / 10];
	}
	return 0;
}

static s64 xb_ratio(s64 all, s64 one)
{
	return one ? div64_s64(1000 * all, one) : 0;
}

/* kpps of one CPU and of all, and the ratio in thousandths, of both sides */
static int xb_scale(struct xb_crew *crew, char *out, size_t size)
{
	u32 rounds = crew->job->rounds;
	s64 one[XB_SIDES], all[XB_SIDES];
	struct xb_turn *turn;
	int ret = -ENOMEM;
	s64 *v;

	turn = vcalloc(rounds, sizeof(*turn));
	v = vcalloc(rounds, sizeof(*v));
	if (turn && v) {
		ret = xb_turns(crew, 1, turn, v, one);
		if (!ret)
			ret = xb_turns(crew, crew->job->cpus, turn, v, all);
	}
	if (!ret)
		scnprintf(out, size,
			  "one_kpps=%lld all_kpps=%lld ratio=%lld base_one_kpps=%lld base_all_kpps=%lld base_ratio=%lld",
			  one[XB_RULES], all[XB_RULES],
			  xb_ratio(all[XB_RULES], one[XB_RULES]),
			  one[XB_BASE], all[XB_BASE],
			  xb_ratio(all[XB_BASE], one[XB_BASE]));
	vfree(turn);
	vfree(v);
	return ret;
}

static void xb_count(const struct xb_crew *crew, char *out, size_t size)
{
	u64 accepted = 0, refused = 0, known = 0, alive = 0;
	size_t used = strlen(out);
	u32 i;

	for (i = 0; i < crew->job->cpus; i++) {
		accepted += crew->worker[i].accepted;
		refused += crew->worker[i].refused;
		known += crew->watch.flows[i].known;
		alive += xb_flows_alive(&crew->watch.flows[i]);
	}
	scnprintf(out + used, size - used,
		  " accepted=%llu refused=%llu known=%llu alive=%llu\n",
		  accepted, refused, known, alive);
}

/**
 * xb_run() - measure
 * @job: what
 * @side: the two namespaces
 * @out: where the result goes, a line of text
 * @size: of @out in bytes
 *
 * Context: process; takes as long as the measurement.
 * Return: 0 or a negative errno.
 */
int xb_run(const struct xb_job *job, const struct xb_side *side, char *out,
	   size_t size)
{
	struct xb_crew *crew = kzalloc(sizeof(*crew), GFP_KERNEL);
	bool watches = xb_watches(job);
	u32 i;
	int ret = 0;

	if (!crew)
		return -ENOMEM;
	crew->job = job;
	crew->side = side;
	init_completion(&crew->done);
	if (watches)
		ret = xb_watch_init(&crew->watch, job, side);
	for (i = 0; i < job->cpus; i++) {
		crew->worker[i].crew = crew;
		crew->worker[i].cpu = i;
		crew->worker[i].flows = watches ? &crew->watch.flows[i] : NULL;
		if (!ret)
			ret = xb_maker_init(&crew->worker[i].maker, job, i);
	}
	if (!ret)
		ret = xb_go(crew, 0, job->cpus, xb_work_warm);
	if (!ret)
		ret = job->mode == XB_SCALE ? xb_scale(crew, out, size) :
		      job->mode == XB_WORST ? xb_worst(crew, out, size) :
					      xb_cost(crew, out, size);
	if (!ret)
		xb_count(crew, out, size);
	if (watches)
		xb_watch_exit(&crew->watch, side);
	for (i = 0; i < job->cpus; i++) {
		xb_maker_exit(&crew->worker[i].maker);
		vfree(crew->worker[i].pairs);
		vfree(crew->worker[i].each[XB_BASE]);
		vfree(crew->worker[i].each[XB_RULES]);
	}
	kfree(crew);
	return ret;
}
