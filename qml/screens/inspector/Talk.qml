// SPDX-License-Identifier: GPL-3.0-or-later
// Turns of a conversation out of a request or an answer, whatever dialect it is in. What is not
// recognised is shown as JSON, never left out.
pragma Singleton
import QtQuick

QtObject {
    function roleName(role: string): string {
        switch (role) {
        case "system": return qsTr("System");
        case "user": return qsTr("User");
        case "assistant": return qsTr("Assistant");
        case "tool_call": return qsTr("Tool call");
        case "tool": return qsTr("Tool result");
        case "reasoning": return qsTr("Reasoning");
        default: return role;
        }
    }
    function turn(role: string, text: var, name: var, code: bool): var {
        const words = typeof text === "string" ? text : JSON.stringify(text, null, 2) ?? "";
        return { role: role, text: words, name: name ?? "", code: code };
    }
    function size(data: string): string {
        return qsTr("%1 kB").arg(Math.max(1, Math.round(data.length * 3 / 4 / 1024)));
    }
    // The parts of a message's content, each a turn.
    function parts(role: string, content: var): var {
        if (content === null || content === undefined)
            return [];
        if (typeof content === "string")
            return content === "" ? [] : [turn(role, content, "", false)];
        const list = [];
        for (const part of Array.isArray(content) ? content : [content]) {
            if (typeof part === "string")
                list.push(turn(role, part, "", false));
            else if (typeof part.text === "string" && part.thought !== true)
                list.push(turn(role, part.text, "", false));
            else if (part.thought === true)
                list.push(turn("reasoning", part.text ?? "", "", false));
            else if (part.type === "thinking")
                list.push(turn("reasoning", part.thinking ?? "", "", false));
            else if (part.type === "tool_use" || part.functionCall)
                list.push(turn("tool_call", part.input ?? part.functionCall.args ?? {}, part.name ?? part.functionCall?.name, true));
            else if (part.type === "tool_result" || part.functionResponse)
                list.push(turn("tool", flat(part.content ?? part.functionResponse?.response), part.tool_use_id ?? part.functionResponse?.name, true));
            else if (part.type === "image_url" || part.type === "image" || part.type === "input_image" || part.inlineData)
                list.push(turn(role, picture(part), qsTr("image"), false));
            else
                list.push(turn(role, part, part.type, true));
        }
        return list;
    }
    function picture(part: var): string {
        const url = part.image_url?.url ?? part.image_url ?? part.source?.url ?? "";
        if (typeof url === "string" && url !== "" && !url.startsWith("data:"))
            return url;
        const data = part.source?.data ?? part.inlineData?.data ?? (typeof url === "string" ? url : "");
        return qsTr("An image of about %1").arg(size(data));
    }
    function flat(content: var): var {
        if (Array.isArray(content) && content.every(part => typeof part.text === "string"))
            return content.map(part => part.text).join("\n");
        return content ?? "";
    }
    function message(one: var): var {
        let list = [];
        if (one.reasoning_content)
            list.push(turn("reasoning", one.reasoning_content, "", false));
        if (one.role === "tool")
            list.push(turn("tool", flat(one.content), one.tool_call_id, true));
        else
            list = list.concat(parts(one.role === "developer" ? "system" : one.role === "model" ? "assistant" : one.role ?? "user", one.content ?? one.parts));
        for (const call of one.tool_calls ?? [])
            list.push(turn("tool_call", call.function?.arguments ?? call, call.function?.name, true));
        return list;
    }
    function item(one: var): var { // of Responses
        switch (one.type) {
        case "function_call":
        case "custom_tool_call":
            return [turn("tool_call", one.arguments ?? one.input ?? "", one.name, true)];
        case "function_call_output":
        case "custom_tool_call_output":
            return [turn("tool", flat(one.output), one.call_id, true)];
        case "reasoning":
            return (one.summary ?? []).map(part => turn("reasoning", part.text ?? "", "", false));
        case "message":
        case undefined:
            return message(one);
        default:
            return [turn("assistant", one, one.type, true)];
        }
    }
    function asked(body: var): var {
        let list = [];
        const system = body.system ?? body.instructions ?? body.systemInstruction?.parts ?? body.system_instruction?.parts;
        if (system)
            list = list.concat(parts("system", system));
        for (const one of body.messages ?? body.contents ?? [])
            list = list.concat(message(one));
        if (typeof body.input === "string")
            list.push(turn("user", body.input, "", false));
        else
            for (const one of body.input ?? [])
                list = list.concat(typeof one === "string" ? [turn("user", one, "", false)] : item(one));
        if (typeof body.prompt === "string")
            list.push(turn("user", body.prompt, "", false));
        return list.length > 0 ? list : [turn("user", body, "", true)];
    }
    function whole(body: var): var {
        if (body.error)
            return [turn("assistant", body.error.message ?? body.error, qsTr("error"), false)];
        if (body.choices)
            return body.choices.reduce((list, choice) => list.concat(choice.message ? message(choice.message) : [turn("assistant", choice.text ?? "", "", false)]), []);
        if (body.output)
            return body.output.reduce((list, one) => list.concat(item(one)), []);
        if (body.candidates)
            return body.candidates.reduce((list, one) => list.concat(parts("assistant", one.content?.parts)), []);
        if (body.message)
            return message(body.message);
        if (body.content !== undefined)
            return parts("assistant", body.content);
        return [turn("assistant", body, "", true)];
    }
    function answered(text: string): var {
        try {
            return whole(JSON.parse(text));
        } catch (notOne) {
            return streamed(text);
        }
    }
    // A stream's pieces put together again.
    function streamed(text: string): var {
        let words = "", thought = "", calls = {}, failed = "";
        for (const line of text.split("\n")) {
            const data = line.startsWith("data:") ? line.slice(5).trim() : line.startsWith("{") ? line : "";
            if (data === "" || data === "[DONE]")
                continue;
            let event;
            try { event = JSON.parse(data); } catch (broken) { continue; }
            const choice = (event.choices ?? [])[0];
            const delta = choice?.delta ?? event.delta ?? event.message ?? {};
            if (event.error)
                failed = event.error.message ?? JSON.stringify(event.error);
            if (typeof event.delta === "string") {
                if ((event.type ?? "").includes("reasoning"))
                    thought += event.delta;
                else if ((event.type ?? "").includes("arguments"))
                    calls[event.item_id ?? 0] = { name: calls[event.item_id ?? 0]?.name ?? "", text: (calls[event.item_id ?? 0]?.text ?? "") + event.delta };
                else
                    words += event.delta;
                continue;
            }
            words += delta.text ?? (typeof delta.content === "string" ? delta.content : "") ?? "";
            words += choice?.text ?? (typeof event.response === "string" ? event.response : "") ?? "";
            thought += delta.thinking ?? delta.reasoning_content ?? delta.reasoning ?? "";
            for (const part of (event.candidates ?? [])[0]?.content?.parts ?? []) {
                if (part.thought) thought += part.text ?? "";
                else words += part.text ?? "";
            }
            for (const call of delta.tool_calls ?? []) {
                const at = call.index ?? 0;
                calls[at] = { name: call.function?.name ?? calls[at]?.name ?? "", text: (calls[at]?.text ?? "") + (call.function?.arguments ?? "") };
            }
            if (event.content_block?.type === "tool_use")
                calls[event.index] = { name: event.content_block.name, text: "" };
            if (delta.partial_json !== undefined && calls[event.index])
                calls[event.index].text += delta.partial_json;
        }
        const list = [];
        if (thought !== "") list.push(turn("reasoning", thought, "", false));
        if (words !== "") list.push(turn("assistant", words, "", false));
        for (const at in calls) list.push(turn("tool_call", calls[at].text, calls[at].name, true));
        if (failed !== "") list.push(turn("assistant", failed, qsTr("error"), false));
        return list;
    }
}
