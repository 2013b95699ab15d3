import type reports from "../en/reports";

export default {
  kind: "보고서 종류",
  kinds: { daily: "일일", fortnightly: "2주" },
  titles: { daily: "일일 보고서", fortnightly: "2주 학습 보고서" },
  days: { daily: "날짜(UTC)", fortnightly: "2주의 마지막 날(UTC)" },
  before: "하루 전",
  after: "하루 뒤",
  forms: { html: "HTML", markdown: "Markdown", json: "JSON" },
  take: "{{form}} 내려받기",
  notTaken: "보고서를 받지 못했습니다",
  none: "이 서버에는 아직 보고서가 없습니다",
  noneAbout:
    "새 버전의 Foreroute는 어느 날짜의 보고서든 만들어 줍니다. 정해진 때에 쓰고 보내려면 설정에 아래 내용을 더하십시오.",
} satisfies typeof reports;
