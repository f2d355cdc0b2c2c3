//! The pack in Arabic.

use super::words::{Answers, Bodies, PayButton, Words};

pub(super) const WORDS: Words = Words {
    bodies: Bodies {
        upcoming: "مرحبًا {{customer_name}}، تذكير ودّي من {{business_name}} بما يستحق قريبًا: \
           {{invoice_list}}. الإجمالي {{total}}. إذا تم السداد فنرجو إخبارنا. شكرًا لكم.",
        due_today: "مرحبًا {{customer_name}}، تذكير ودّي من {{business_name}} بما يستحق اليوم: \
            {{invoice_list}}. الإجمالي {{total}}. إذا تم السداد فنرجو إخبارنا. شكرًا لكم.",
        overdue_gentle: "مرحبًا {{customer_name}}، معكم {{business_name}}. بحسب دفاترنا تجاوز ما يلي تاريخ استحقاقه: \
           {{invoice_list}}. الإجمالي {{total}}. إذا تم السداد فنرجو إخبارنا مع جزيل الشكر.",
        overdue_firm: "مرحبًا {{customer_name}}، ما زلنا في {{business_name}} ننتظر سداد ما يلي: {{invoice_list}}. \
           الإجمالي {{total}}. نرجو السداد الآن أو الرد بتاريخ محدد. إذا تم السداد فنرجو إخبارنا.",
        overdue_final: "مرحبًا {{customer_name}}، هذا هو التذكير الأخير من {{business_name}} بشأن ما يلي: \
           {{invoice_list}}. الإجمالي {{total}}. نرجو السداد أو الرد اليوم لنجد حلًا معًا. إذا تم \
           السداد فنرجو إخبارنا.",
        statement: "مرحبًا {{customer_name}}، هذا كشف حسابكم لدى {{business_name}}. ما تجاوز تاريخ استحقاقه: \
            {{invoice_list}}. الإجمالي {{total}}. إذا تم السداد فنرجو إخبارنا. شكرًا لكم.",
        promise_missed: "مرحبًا {{customer_name}}، كنا في {{business_name}} ننتظر الدفعة الموعودة ولم تصلنا بعد: \
           {{invoice_list}}. الإجمالي {{total}}. إذا تم السداد فنرجو إخبارنا، وإلا فنرجو الرد بتاريخ \
           جديد.",
        thank_you: "مرحبًا {{customer_name}}، استلمنا في {{business_name}} دفعتكم بمبلغ {{paid_amount}}. شكرًا \
           جزيلًا لكم.",
        part_payment: "مرحبًا {{customer_name}}، استلمنا في {{business_name}} دفعتكم بمبلغ {{paid_amount}}. شكرًا \
           جزيلًا لكم. ما زال مستحقًا ومتأخرًا: {{invoice_list}}. الإجمالي {{total}}. إذا تم السداد \
           فنرجو إخبارنا.",
    },
    footer: "أرسلوا كلمة إيقاف لوقف هذه الرسائل.",
    attached: "الفاتورة مرفقة.",
    answers: Answers {
        leads: "يمكنكم اختيار إجابة من الأزرار أدناه أو الكتابة إلينا.",
        labels: ["تم الدفع", "الدفع في تاريخ", "سؤال"],
    },
    pay: PayButton {
        leads: "يمكنكم عرض الفاتورة ودفعها من الزر أدناه.", label: ["عرض الفاتورة ودفعها"]
    },
};
