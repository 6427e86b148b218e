"""Words that disclose an illness (疾病词表): the default list for the filter of public texts (M-PI-06)."""

DISEASE_WORDS: tuple[str, ...] = (
    # any illness; 大病 and 慢性病 stay out, for policies are named after them
    *("患病", "患有", "身患", "确诊", "因病致贫", "因病返贫", "因残致贫", "因残返贫", "病历", "病危"),
    # tumours and blood
    *("癌", "恶性肿瘤", "肿瘤", "白血病", "淋巴瘤", "骨髓瘤", "血友病", "地中海贫血", "再生障碍性贫血"),
    # kidney, liver, endocrine
    *("尿毒症", "肾衰竭", "肾功能衰竭", "透析", "肾病", "肝硬化", "肝炎", "乙肝", "丙肝", "糖尿病", "甲亢"),
    # heart and vessels; 中风 alone is part of 中风险
    *("高血压", "冠心病", "心脏病", "心力衰竭", "心肌梗", "脑梗", "脑卒中", "脑中风", "脑出血", "脑溢血", "偏瘫"),
    # nerves and mind
    *("瘫痪", "脑瘫", "截瘫", "癫痫", "帕金森", "阿尔茨海默", "老年痴呆", "精神病", "精神障碍", "精神分裂"),
    *("抑郁症", "躁狂", "自闭症", "孤独症", "智障", "植物人", "渐冻症", "重症肌无力", "小儿麻痹", "唐氏综合征"),
    # lungs and infections
    *("尘肺", "矽肺", "慢阻肺", "肺结核", "结核病", "哮喘", "艾滋", "HIV", "梅毒", "麻风", "包虫病", "血吸虫病"),
    # bones, joints, immunity
    *("大骨节病", "克山病", "股骨头坏死", "强直性脊柱炎", "类风湿", "红斑狼疮", "苯丙酮尿症", "器官移植"),
)
