#!/usr/bin/env python3
"""Writes cases.json: requests with their canonical request and signature by independent signers.

    python3 make.py COMPARISON.json > cases.json

COMPARISON.json contains, for each request, the canonical request and the signature of botocore, npm aws4, @smithy/signature-v4, aws-sigv4 and of a
direct transcription of AWS's documentation ("spec"). For each request, the result of the majority is kept. If they disagree about the query, it is
the result of aws-sigv4, which decodes `+` as a space, like API Gateway. `signers` lists the signers with that result.
"""
import collections
import json
import sys

SIGNERS = ["botocore", "spec", "aws4", "smithy", "aws-sigv4"]

comparison = json.load(open(sys.argv[1]))
cases = []
for case in comparison["cases"]:
    answers = {
        name: case["expected"][name]
        for name in SIGNERS
        if "canonical_request" in case["expected"].get(name, {})
    }
    by_text = collections.Counter(answer["canonical_request"] for answer in answers.values())
    text, count = by_text.most_common(1)[0]
    if count < 4:
        text = answers["aws-sigv4"]["canonical_request"]
    agreeing = [name for name in SIGNERS if answers.get(name, {}).get("canonical_request") == text]
    kept = {
        "id": case["id"],
        "method": case["method"],
        "host": case["host"] or comparison["host"],
        "target": case["caller_tail"],
        "headers": case["headers"],
        "auth": case["auth"],
        "token": case["token"],
        "canonical_request": text,
        "signature": answers[agreeing[0]]["signature"],
        "signers": agreeing,
    }
    if case["body_b64"]:
        kept["body_base64"] = case["body_b64"]
    if case["body_gen"]:
        continue  # a body of 5 MB is too large to commit
    cases.append(kept)

terms = ["access_key", "token_access_key", "secret", "token", "region", "service", "epoch", "expires"]
table = {name: comparison[name] for name in terms}
print("{")
for name in terms:
    print(f"  {json.dumps(name)}: {json.dumps(comparison[name])},")
print('  "cases": [')
print(",\n".join("    " + json.dumps(case, ensure_ascii=False) for case in cases))
print("  ]\n}")
