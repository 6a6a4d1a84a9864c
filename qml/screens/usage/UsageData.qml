// SPDX-License-Identifier: GPL-3.0-or-later
// Answers of the usage calls in the shape that charts take.
import QtQuick

QtObject {
    function buckets(answer: var): var {
        return (answer.buckets ?? []).map(bucket => ({
                    "fromUs": bucket.from_us,
                    "toUs": bucket.to_us,
                    "incomplete": bucket.incomplete,
                    "weekend": bucket.weekend
                }));
    }
    function keyOf(one: var): string {
        // Names, which the log's filter knows, instead of the numbers of tokens and channels.
        const name = one.label !== "" ? one.label : one.key;
        return one.sub ? name + "\u001f" + one.sub : name;
    }
    function labelOf(one: var): string {
        const name = one.label !== "" ? one.label : qsTr("(none)");
        return one.sub_label ? qsTr("%1, %2").arg(name).arg(one.sub_label) : name;
    }
    // A series a row of the answer; `before` is the same question about the period before.
    function series(answer: var, before: var): var {
        const sums = {};
        for (const one of (before.series ?? []))
            sums[keyOf(one)] = one.sum;
        return {
            "unit": answer.unit ?? "",
            "buckets": buckets(answer),
            "series": (answer.series ?? []).map(one => ({
                        "key": keyOf(one),
                        "label": labelOf(one),
                        "values": one.values,
                        "previous": before.series === undefined ? null : sums[keyOf(one)] ?? 0
                    }))
        };
    }
    // Kinds of tokens keep their colours everywhere.
    function tokenKinds(answer: var): var {
        const names = {
            "input": [qsTr("Input"), 0],
            "output": [qsTr("Output"), 1],
            "cache_read": [qsTr("Cache read"), 2],
            "cache_write": [qsTr("Cache write"), 3],
            "reasoning": [qsTr("Reasoning"), 4]
        };
        return {
            "unit": "tokens",
            "buckets": buckets(answer),
            "series": (answer.series ?? []).map(one => ({
                        "key": one.key,
                        "label": names[one.key] ? names[one.key][0] : one.label,
                        "color": names[one.key] ? names[one.key][1] : null,
                        "values": one.values
                    }))
        };
    }
    // Calls on one base: what failed below, what was saved by a retry, what was well.
    function outcomes(answer: var): var {
        const total = add(answer, "values");
        const failed = add(answer, "failed");
        const retried = add(answer, "retried");
        return {
            "unit": "count",
            "buckets": buckets(answer),
            "series": [
                { "key": "failed", "label": qsTr("Failed"), "tone": "err", "values": failed },
                { "key": "retried", "label": qsTr("OK after retry"), "tone": "warn", "values": retried },
                { "key": "ok", "label": qsTr("OK"), "color": 0, "values": total.map((count, at) => Math.max(0, count - failed[at] - retried[at])) }
            ]
        };
    }
    function add(answer: var, name: string): var {
        const sums = (answer.buckets ?? []).map(() => 0);
        for (const one of (answer.series ?? []))
            (one[name] ?? []).forEach((value, at) => sums[at] += value);
        return sums;
    }
    function percentiles(answer: var): var {
        const one = (answer.series ?? [])[0];
        if (!one)
            return { "unit": "us", "buckets": buckets(answer), "series": [] };
        return {
            "unit": answer.unit,
            "buckets": buckets(answer),
            "series": [
                { "key": "p50", "label": "p50", "color": 0, "values": one.p50, "counts": one.n },
                { "key": "p95", "label": "p95", "color": 0, "values": one.p95, "counts": one.n }
            ]
        };
    }
    function errorRate(answer: var): var {
        const failed = add(answer, "failed");
        const requests = answer.requests ?? [];
        return {
            "unit": "bp",
            "buckets": buckets(answer),
            "series": [{
                    "key": "rate",
                    "label": qsTr("Failed"),
                    "tone": "err",
                    "values": failed.map((count, at) => requests[at] > 0 ? Math.round(count * 10000 / requests[at]) : null),
                    "counts": requests
                }]
        };
    }
    function week(answer: var): var {
        const first = Qt.locale().firstDayOfWeek;
        const days = [];
        for (let at = 0; at < 7; ++at)
            days.push((first + at) % 7); // 0 is Sunday, as in JavaScript
        const hours = [];
        const halves = /a/i.test(Qt.locale().timeFormat(Locale.ShortFormat));
        for (let hour = 0; hour < 24; ++hour)
            hours.push({ "label": halves ? new Date(2024, 0, 1, hour).toLocaleTimeString(Qt.locale(), "h AP") : String(hour).padStart(2, "0") + ":00" });
        return {
            "unit": answer.unit ?? "",
            "buckets": hours,
            "series": days.map(day => ({
                        "key": String(day),
                        "label": Qt.locale().dayName(day, Locale.ShortFormat),
                        "values": ((answer.cells ?? [])[(day + 6) % 7] ?? []).map(value => value ?? 0)
                    }))
        };
    }
    function burn(budget: var, nowUs: real): var {
        return {
            "unit": "nano_usd",
            "fromUs": budget.begin_us,
            "toUs": budget.end_us,
            "nowUs": nowUs,
            "limit": budget.cap_nano,
            "points": (budget.points ?? []).filter(point => point[0] >= budget.begin_us).map(point => ({ "atUs": point[0], "left": point[1] }))
        };
    }
    function forecast(answer: var): var {
        const days = answer.days ?? [];
        const at = day => new Date(Number(day.slice(0, 4)), Number(day.slice(5, 7)) - 1, Number(day.slice(8, 10)));
        const future = name => days.map((day, index) => day.future || (days[index + 1]?.future ?? false) ? day[name] : null);
        return {
            "unit": "nano_usd",
            "buckets": days.map(day => ({
                        "fromUs": at(day.day).getTime() * 1000,
                        "toUs": (at(day.day).getTime() + 86400000) * 1000
                    })),
            "series": [
                { "key": "actual", "label": qsTr("So far"), "values": days.map(day => day.future ? null : day.p50_nano) },
                { "key": "p20", "label": qsTr("1 in 5 lower"), "values": future("p20_nano") },
                { "key": "p50", "label": qsTr("Likely"), "values": future("p50_nano") },
                { "key": "p80", "label": qsTr("1 in 5 higher"), "values": future("p80_nano") }
            ]
        };
    }
    function scatter(answer: var): var {
        const points = answer.points ?? [];
        const counts = {};
        for (const point of points)
            counts[point.model] = (counts[point.model] ?? 0) + 1;
        const models = Object.keys(counts).sort((a, b) => counts[b] - counts[a]).slice(0, 7);
        const names = points.length > 0 && Object.keys(counts).length > 7 ? models.concat([""]) : models;
        return {
            "xUnit": "us",
            "yUnit": "nano_usd",
            "xTitle": qsTr("Time"),
            "yTitle": qsTr("Cost"),
            "series": names.map(name => ({ "key": name === "" ? "(other)" : name, "label": name === "" ? qsTr("Other") : name })),
            "points": points.filter(point => point.total_us !== null).map(point => {
                    const series = models.indexOf(point.model);
                    return [point.total_us, point.cost_nano, series < 0 ? models.length : series];
                })
        };
    }
    function health(strip: var, channel: var): var {
        return {
            "cells": (channel.requests ?? []).map((requests, at) => {
                    const failed = channel.failed[at];
                    const share = requests > 0 ? failed / requests : 0;
                    return {
                        "state": requests === 0 ? "none" : share > 0.2 ? "failing" : share > 0.02 ? "degraded" : "ok",
                        "fromUs": strip.from_us + at * strip.cell_us,
                        "toUs": strip.from_us + (at + 1) * strip.cell_us,
                        "text": requests === 0 ? "" : qsTr("%1 of %2 failed").arg(failed).arg(requests)
                    };
                })
        };
    }
    function causeName(cause: string): string {
        const names = {
            "rate_limit": qsTr("Rate limit"),
            "auth": qsTr("Key refused"),
            "payment": qsTr("Payment"),
            "timeout": qsTr("Timeout"),
            "network": qsTr("Network"),
            "aborted": qsTr("Client left"),
            "bad_request": qsTr("Bad request"),
            "overloaded": qsTr("Overloaded"),
            "": qsTr("Other")
        };
        return names[cause] ?? cause.replace(/_/g, " ");
    }
}
