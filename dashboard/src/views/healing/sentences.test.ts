import i18next from "i18next";
import { expect, test } from "vitest";
import { en } from "@/words/en";
import { ko } from "@/words/ko";
import { said } from "./sentences";

test("known sentences are told in the language of the page, others are not", async () => {
  await i18next.init({ lng: "ko", resources: { en, ko }, interpolation: { escapeValue: false } });
  const t = i18next.getFixedT("ko", "healing");
  expect(said("all steps went well", t)).toBe("모든 단계가 잘 끝남");
  expect(said("an incident of errors of severity P2 is open", t)).toBe("심각도 P2 오류 장애가 진행 중");
  expect(said("the risk of breaking a promise is 0.62, 0.50 or more is acted upon", t)).toContain("0.62");
  expect(said("it did not hold within 1200 s", t)).toContain("1200");
  expect(said("HTTP status 500", t)).toBeUndefined();
});
